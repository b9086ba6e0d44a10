import { formatAmount } from '@quittance/money/money';
import { displayIdOf, isOpen } from '../domain/invoice.ts';
import type { InvoiceState } from '../domain/invoice.ts';
import { isPastDue } from '../domain/zone.ts';
import type { InvoiceView } from './invoice.view.ts';

/** What an invoice says to a person: the page and the PDF have the same words. */
export interface InvoiceText {
  readonly title: string;
  readonly amount: string;
  /** What has become of it, where it is not simply owed. */
  readonly notice: string | null;
  readonly lines: readonly (readonly [label: string, value: string])[];
  /** Its items, and under them what they come to. */
  readonly items: readonly InvoiceTextItem[];
  readonly sums: readonly InvoiceTextItem[];
}

export interface InvoiceTextItem {
  readonly label: string;
  readonly amount: string;
}

/** An invoice that is not simply called one owes nothing. */
const titles: Readonly<Record<string, string>> = { credit_memo: 'Credit memo' };
const categories: Readonly<Record<string, string>> = {
  premium: 'Premium',
  tax: 'Tax',
  fee: 'Fee',
  surcharge: 'Surcharge',
};
const fees: Readonly<Record<string, string>> = {
  nsf_fee: 'Fee for a returned payment',
  late_fee: 'Late fee',
  reinstatement_fee: 'Reinstatement fee',
  instalment_fee: 'Instalment fee',
};

export function invoiceText(view: InvoiceView): InvoiceText {
  const { invoice, items, policyholderLocator } = view;
  const { currency, policyLocator, originalDueOn, dueOn, allocatedMinor, balanceMinor } = invoice;
  const text = (minor: bigint) => `${formatAmount({ minor, currency })} ${currency}`;
  const forgivenMinor = invoice.totalMinor - allocatedMinor - balanceMinor;
  const lines: readonly (readonly [string, string | null])[] = [
    ['Issued on', invoice.issuedOn],
    ['Due on', dueOn],
    ['First due on', originalDueOn === dueOn ? null : originalDueOn],
    ['Policy', policyLocator],
    ['Policyholder', policyholderLocator],
  ];
  return {
    title: `${titles[invoice.type] ?? 'Invoice'} ${displayIdOf(invoice.number)}`,
    amount: text(isOpen(invoice.state) ? balanceMinor : invoice.totalMinor),
    notice: noticeOf(view),
    lines: lines.flatMap(([label, value]) => (value === null ? [] : [[label, value] as const])),
    items: items.map(({ category, code, amountMinor }) => {
      const label = (code && fees[code]) ?? `${categories[category] ?? category}${code === null ? '' : ` (${code})`}`;
      return { label, amount: text(amountMinor) };
    }),
    sums: [
      { label: 'Total', amount: text(invoice.totalMinor) },
      ...(allocatedMinor === 0n ? [] : [{ label: 'Paid', amount: text(-allocatedMinor) }]),
      ...(forgivenMinor === 0n ? [] : [{ label: 'Written off', amount: text(-forgivenMinor) }]),
      { label: 'To pay', amount: text(isOpen(invoice.state) ? balanceMinor : 0n) },
    ],
  };
}

const ended: Readonly<Partial<Record<InvoiceState, string>>> = {
  draft: 'This invoice is a draft: it is not to be paid.',
  paid: 'This invoice is paid.',
  void: 'This invoice is void: it is not to be paid.',
  uncollectible: 'What was left of this invoice was written off: it is not to be paid.',
};

function noticeOf({ invoice, timeZone, now }: InvoiceView): string | null {
  if (titles[invoice.type]) return 'This is a credit: there is nothing to pay.';
  if (!isOpen(invoice.state)) return ended[invoice.state] ?? null;
  return isPastDue(invoice.dueOn, now, timeZone) ? 'This invoice is past due.' : null;
}
