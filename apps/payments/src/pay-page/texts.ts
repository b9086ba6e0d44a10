/** Every word that a customer reads on the hosted page. */
export const texts = {
  payableTitle: 'Pay securely',
  paidTitle: 'Payment received',
  processingTitle: 'Payment in progress',
  actionTitle: 'One more step',
  expiredTitle: 'This link has expired',
  cancelledTitle: 'This link is closed',
  unknownTitle: 'We cannot find this page',
  refusedTitle: 'We could not accept this form',
  troubleTitle: 'Something went wrong on our side',
  busyTitle: 'We cannot reach the payment service',

  amount: 'Amount',
  amountDue: 'Amount due',
  amountPaid: 'Amount paid',
  amountRefunded: 'Given back to you',
  payee: 'To',
  policy: 'Policy',
  purpose: 'For',
  dueOn: 'Due',
  expiresAt: 'Pay before',
  paidAt: 'Paid on',
  reference: 'Reference',
  defaultPayee: 'Your insurance provider',

  pay: (amount: string) => `Pay ${amount}`,
  once: 'You are charged once, even if you press the button twice.',
  cardsElsewhere: 'Your card or bank details go straight to the payment provider. We never see them.',
  cannotPayHere: 'This amount cannot be paid online at the moment. Please contact your insurance provider.',
  plan: ({ count, each, interval, payee }: { count: number; each: string; interval: string; payee: string }) =>
    `After this payment, ${count} further ${interval} payments of ${each} are taken with the same payment method. ` +
    `By paying you agree that ${payee} stores it for them.`,
  subscription: (payee: string) =>
    `This is a payment of your subscription. By paying you agree that ${payee} stores this payment method and ` +
    'charges it for the payments that follow, when they are due.',
  intervals: { monthly: 'monthly', quarterly: 'quarterly' },
  purposes: {
    down_payment: 'Down payment',
    late_payment: 'Overdue payment',
    extra_payment: 'Additional payment',
    installment: 'Instalment',
  },

  paid: 'Thank you. There is nothing left to do. You may keep this page as your confirmation.',
  processing:
    'We are waiting for your bank. With a bank account this takes some business days. ' +
    'Please do not pay again: nothing is due while this payment is in progress.',
  receipt: 'Receipt (PDF)',
  checkAgain: 'Check again',
  action: 'Your bank wants to confirm that it is you. Please continue there; afterwards you come back to this page.',
  continueAtBank: 'Continue at your bank',
  expired: 'Nothing was charged. Please ask your insurance provider for a new link.',
  cancelled: 'It was withdrawn, or the amount has been paid another way. Nothing is due here.',
  unknown: 'Please check that the address is complete, or ask your insurance provider for a new link.',
  refused: 'It did not come from our page. Nothing was charged. Please open your payment link again.',
  trouble: 'Please open your payment link again in a moment: it shows whether your payment was received.',
  busy: 'We cannot reach the payment service. Please try again in a moment.',

  problemTitle: 'Your payment did not go through',
  notCharged: 'You have not been charged.',
  chooseMethod: 'Please choose how you would like to pay.',
  unusableMethod: 'This payment method cannot be used here. Please choose another one.',
  failures: {
    retry_later: 'Your bank declined it. Please try another payment method, or try again later.',
    update_payment_method: 'Your bank declined it. Please use another payment method.',
    contact_issuer: 'Your bank declined it. Please contact your bank, or use another payment method.',
  } as Readonly<Record<string, string>>,
  anyFailure: 'Your bank declined it. Please use another payment method.',

  needsScript: 'Your browser has to allow JavaScript for the payment provider.',

  sandboxLabel: 'Test payment method',
  sandboxHint: 'This is a test environment: no real money moves.',
} as const;

/** The sandbox's instruments, in a tester's words. */
export const sandboxInstruments: readonly (readonly [token: string, label: string])[] = [
  ['tok_visa', 'Visa ending in 4242: approved'],
  ['tok_declined_insufficient', 'Visa ending in 9995: declined, insufficient funds'],
  ['tok_declined_stolen', 'Visa ending in 9979: declined, reported stolen'],
  ['tok_3ds', 'Visa ending in 3155: the bank asks first'],
  ['tok_ach', 'Bank account ending in 6789: takes a business day'],
  ['tok_ach_return_r01', 'Bank account ending in 0001: comes back unpaid'],
  ['tok_timeout_approved', 'Visa ending in 8001: slow answer, approved'],
];
