import type { EventData } from '@quittance/events/catalogue';
import { fromWire } from '@quittance/money/wire';
import { accountOf } from '../domain/chart.ts';
import { shareEarned } from '../domain/commission-rules.ts';
import type { SharedInvoice } from '../domain/commission-rules.ts';
import type { JournalLine } from '../domain/entry.ts';
import { line, notZero } from '../domain/lines.ts';

const [receivable, deferred] = [accountOf('premium_receivable'), accountOf('deferred_commission')];

/** The invoices of one tenant that a batch touches, as they are in the course of it. */
export class CommissionShares {
  constructor(private readonly invoices: Map<string, SharedInvoice> = new Map()) {}

  /** An invoice that is booked now may be paid in the same batch. */
  issued(invoiceLocator: string, lines: readonly JournalLine[]): void {
    if (this.invoices.has(invoiceLocator)) return;
    const sum = (account: string) =>
      lines.reduce((total, { account: of, amount }) => (of === account ? total + amount : total), 0n);
    const [totalMinor, commissionMinor] = [sum(receivable), -sum(deferred)];
    if (commissionMinor === 0n) return;
    this.invoices.set(invoiceLocator, { totalMinor, commissionMinor, paidMinor: 0n, deferredMinor: commissionMinor });
  }

  /** @returns what of its commission is earned by this; 0 where the invoice has none */
  paid(invoiceLocator: string, appliedMinor: bigint): bigint {
    const invoice = this.invoices.get(invoiceLocator);
    if (!invoice) return 0n;
    const earned = shareEarned(invoice, appliedMinor);
    this.invoices.set(invoiceLocator, {
      ...invoice,
      paidMinor: invoice.paidMinor + appliedMinor,
      deferredMinor: invoice.deferredMinor - earned,
    });
    return earned;
  }
}

/** Dr 2150, Cr 4100 for every invoice of which a part is paid. */
export function sharesEarned(
  { allocations, paymentLocator }: EventData<'allocation.created'>,
  shares: CommissionShares,
): JournalLine[] {
  const lines = allocations.flatMap(({ amount, policyLocator, invoiceLocator }) => {
    const { minor, currency } = fromWire(amount);
    const earned = shares.paid(invoiceLocator, minor);
    const about = { policyLocator, invoiceLocator, paymentLocator };
    return [
      line('deferred_commission', { minor: earned, currency }, about),
      line('commission_income', { minor: -earned, currency }, about),
    ];
  });
  return notZero(lines);
}
