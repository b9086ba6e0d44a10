// Each step in plain words, after every fact of it was compared with what it has to be.
import { addDays, yearAfter } from './calendar.ts';
import { agree, booksAfterFirst, booksAfterReversal, expectedRows } from './checks.ts';
import type { collectFirst, makeSchedule, Registered, settleFirst } from './first-month.ts';
import type { issueOverNats } from './policy-system.ts';
import type { retrySecond, reverseSecond } from './second-month.ts';

type Facts<F extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<F>>;

const accounts: Readonly<Record<string, string>> = {
  '1100': 'card clearing',
  '1200': 'premium receivable',
  '2010': 'unearned premium',
  '2100': 'unapplied cash',
  '2300': 'taxes payable',
};

/** Balances, debit less credit, of the accounts that have one. */
const books = (balances: Record<string, string>): string =>
  Object.entries(balances)
    .filter(([, balance]) => !/^-?0\.00$/.test(balance))
    .map(([account, balance]) => `${accounts[account] ?? account} ${balance}`)
    .join(', ');

export function tellRegistered(facts: Registered): string[] {
  const { method, endpointId, policyLocator, effectiveDate } = facts;
  agree('the endpoint', [facts.endpointState, facts.secretPrefix], ['active', 'whsec_']);
  agree(
    'the stored method',
    [method.type, method.brand, method.last4, method.state],
    ['card', 'visa', '4242', 'active'],
  );
  return [
    `The partner's endpoint ${endpointId} is active; its signing secret was shown this once.`,
    `The card ${method.brand} …${method.last4} of ${facts.policyholder} is stored as ${method.id}.`,
    `Policy ${policyLocator}: ${effectiveDate} to ${yearAfter(effectiveDate)}, 280.00 premium + 28.00 tax, monthly.`,
  ];
}

export function tellSchedule(facts: Facts<typeof makeSchedule>): string[] {
  const { sums, amounts, tax, premium, dueDates } = facts;
  agree('the total of the schedule', facts.total, '308.00');
  agree('the instalments', amounts, [...Array<string>(8).fill('25.67'), ...Array<string>(4).fill('25.66')]);
  agree('the sums of instalments, premium and tax', sums, { amounts: '308.00', tax: '28.00', premium: '280.00' });
  agree(
    'tax and premium of each instalment',
    tax.map((amount, i) => [amount, premium[i]]),
    expectedRows,
  );
  agree('the instalments that are not the sum of their lines', facts.rowsThatDiffer, 0);
  agree('schedule.created', facts.announcedTotal, '308.00');
  agree('instalment.due', facts.firstDue, { number: 1, amount: '25.67', attempt: 1 });
  return [
    `Twelve instalments, 8 of 25.67 and 4 of 25.66: ${sums.amounts} = ${sums.premium} premium + ${sums.tax} tax.`,
    `The first is ${amounts[0]} = ${premium[0]} + ${tax[0]}, due ${dueDates[0]}; the last is due ${dueDates[11]}.`,
    `Billing announced schedule.created, and instalment.due for ${facts.instalmentId}.`,
  ];
}

export function tellCollected(facts: Facts<typeof collectFirst>): string[] {
  agree('the first payment', [facts.state, facts.amount, facts.method], ['posted', 25.67, 'card']);
  agree('payment.posted', facts.announced, '25.67');
  return [
    `Payments charged the card at the sandbox provider: ${facts.announced} USD posted.`,
    `Payment ${facts.displayId} (${facts.locator}), announced as payment.posted.`,
  ];
}

export function tellSettled(facts: Facts<typeof settleFirst>): string[] {
  const { instalment, balances } = facts;
  agree('the first instalment', [instalment.state, instalment.balance], ['paid', '0.00']);
  agree('the date it is paid through', facts.paidThrough, instalment.periodEnd);
  agree('the journal', facts.entries, ['allocation_created', 'invoice_issued', 'payment_posted']);
  agree('the entries whose debits are not their credits', facts.unbalanced, 0);
  agree('the balances', balances, booksAfterFirst);
  agree('the total of the trial balance', facts.trialTotal, '0.00');
  agree('the webhooks', facts.delivered, ['payment.posted', 'instalment.paid']);
  agree('what the partner was told', facts.deliveredPaidThrough, instalment.periodEnd);
  agree('the deliveries the partner refused', facts.refused, []);
  return [
    `The money is applied: instalment 1 is paid, the policy is paid through ${facts.paidThrough}.`,
    `Three journal entries; this policy stands at ${books(balances)}.`,
    `The trial balance of the whole book is ${facts.trialTotal}.`,
    `The partner received payment.posted and instalment.paid and verified both signatures.`,
  ];
}

export function tellRetried(facts: Facts<typeof retrySecond>): string[] {
  const { failure, payment, instalment, dueOn, retryOn } = facts;
  agree('the failure', failure, { code: 'insufficient_funds', retryable: true, attempt: 1 });
  agree('the second instalment after it', facts.afterFailure, { state: 'billed', balance: '25.67' });
  agree('the business date', facts.businessDate, addDays(dueOn, 1));
  agree('the attempt that billing asked for', facts.retryAttempt, 2);
  agree('the second payment', [payment.amount, payment.attempt], ['25.67', 2]);
  agree('the date of the second payment', payment.effectiveDate, retryOn);
  agree('the second instalment', [instalment.state, instalment.balance], ['paid', '0.00']);
  agree('the date it is paid through', facts.paidThrough, instalment.periodEnd);
  return [
    `The test clock walked to ${dueOn}; the policy now pays with ${facts.methodId}, which lacks funds once.`,
    `Instalment 2 (${facts.amount}) was declined: ${failure.code}, to be tried again.`,
    `One day later, ${retryOn}, billing asked again and payment ${payment.locator} posted.`,
    `Instalment 2 is paid, the policy is paid through ${facts.paidThrough}.`,
  ];
}

export function tellReversed(facts: Facts<typeof reverseSecond>, today: string): string[] {
  const { instalment, mirrored } = facts;
  agree('the payment', facts.payment, { state: 'returned', isStamped: true });
  agree('the second instalment', instalment, { state: 'billed', balance: '25.67', dueOn: today });
  agree('the date it is paid through', facts.paidThrough, facts.firstPeriodEnd);
  agree('the mirror entries', mirrored, [
    { kind: 'payment_reversed', of: 'payment_posted', isExact: true },
    { kind: 'allocation_reversed', of: 'allocation_created', isExact: true },
  ]);
  agree('the balances', facts.balances, booksAfterReversal);
  agree('the total of the trial balance', facts.trialTotal, '0.00');
  agree('the webhook', facts.delivered, 'payment.reversed');
  agree('the deliveries the partner refused', facts.refused, []);
  return [
    `The payment was reversed. Instalment 2 is open again with ${instalment.balance}, due by the end of ${today}.`,
    `Paid through is ${facts.paidThrough} again. ${mirrored.length} entries mirror the ones they undo.`,
    `This policy stands at ${books(facts.balances)}.`,
    `The trial balance of the whole book is ${facts.trialTotal}.`,
    `The partner received payment.reversed.`,
  ];
}

export function tellIssued(facts: Facts<typeof issueOverNats>): string[] {
  agree('policies, schedules and payments', [facts.policies, facts.schedules, facts.payments], [1, 1, 1]);
  agree('what was announced', facts.announced, { schedules: 1, payments: 1 });
  agree('the total and the first payment', [facts.total, facts.first], ['308.00', '25.67']);
  return [
    `policy.issued was published ${facts.published} times, twice with the same id: one policy, ${facts.policyLocator}.`,
    `One schedule over ${facts.total}, one first payment of ${facts.first}.`,
  ];
}
