import type { ReceiptDto } from './receipt.dto.ts';

/** What a receipt says to a person: the page and the PDF have the same words. */
export interface ReceiptText {
  readonly title: string;
  readonly amount: string;
  /** What has become of the money since, where it is not simply paid. */
  readonly notice: string | null;
  readonly lines: readonly (readonly [label: string, value: string])[];
}

const methods: Readonly<Record<string, string>> = {
  card: 'Card',
  ach: 'Bank debit',
  cash: 'Cash',
  check: 'Cheque',
  wire: 'Bank transfer',
  lockbox: 'Lockbox',
};

export function receiptText(receipt: ReceiptDto): ReceiptText {
  const { number, amount, currency, method, last4 } = receipt;
  const paidBy = method && `${methods[method] ?? method}${last4 ? ` ending in ${last4}` : ''}`;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Receipt number', number],
    ['Received on', receipt.paidDate],
    ['Received by', receipt.payee],
    ['Paid by', paidBy],
    ['Payment', receipt.paymentDisplayId],
    ['Policy', receipt.policyLocator],
    ['Invoice', receipt.invoiceLocator],
  ];
  return {
    title: `Receipt ${number}`,
    amount: `${amount} ${currency}`,
    notice: noticeOf(receipt),
    lines: lines.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])),
  };
}

function noticeOf({ standing, amountRefunded, currency }: ReceiptDto): string | null {
  switch (standing) {
    case 'paid':
      return null;
    case 'partially_refunded':
      return `Of this payment ${amountRefunded} ${currency} was refunded.`;
    case 'refunded':
      return 'This payment was refunded in full.';
    case 'returned':
      return 'This payment was taken back by the bank: it is not paid.';
    case 'reversed':
      return 'This payment was reversed: it is not paid.';
  }
}
