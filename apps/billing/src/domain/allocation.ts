import type { CalendarDate } from './calendar.ts';
import type { ItemPart } from './invoice.ts';

export interface OpenItem {
  readonly itemNo: number;
  readonly balanceMinor: bigint;
}

export interface OpenInvoice {
  readonly id: string;
  readonly number: bigint;
  readonly dueOn: CalendarDate;
  readonly items: readonly OpenItem[];
}

export interface AllocatedInvoice {
  readonly invoiceId: string;
  readonly amountMinor: bigint;
  readonly items: readonly ItemPart[];
}

export interface Allocated {
  readonly invoices: readonly AllocatedInvoice[];
  /** What no invoice could take: it stays the payer's. */
  readonly unappliedMinor: bigint;
}

/** An amount to open invoices in the order of due dates, within each in proportion to what its items still lack. */
export function allocate(amountMinor: bigint, invoices: readonly OpenInvoice[]): Allocated {
  let left = amountMinor;
  const allocated: AllocatedInvoice[] = [];
  for (const invoice of invoices.toSorted(byDueDate)) {
    if (left === 0n) break;
    const balance = invoice.items.reduce((sum, item) => sum + item.balanceMinor, 0n);
    const part = left < balance ? left : balance;
    if (part <= 0n) continue;
    allocated.push({ invoiceId: invoice.id, amountMinor: part, items: toItems(part, balance, invoice.items) });
    left -= part;
  }
  return { invoices: allocated, unappliedMinor: left };
}

/**
 * Each item's exact share cut off, the left-over units to the largest fractions, ties to the first item. A share with a
 * fraction is below its item's balance, so one unit more never overpays an item.
 */
function toItems(part: bigint, balance: bigint, items: readonly OpenItem[]): ItemPart[] {
  const shares = items.map(({ itemNo, balanceMinor }, index) => ({
    itemNo,
    index,
    amountMinor: (part * balanceMinor) / balance,
    fraction: (part * balanceMinor) % balance,
  }));
  let units = part - shares.reduce((sum, share) => sum + share.amountMinor, 0n);
  for (const share of shares.toSorted((a, b) => compare(b.fraction, a.fraction) || a.index - b.index)) {
    if (units === 0n) break;
    share.amountMinor += 1n;
    units -= 1n;
  }
  return shares.flatMap(({ itemNo, amountMinor }) => (amountMinor === 0n ? [] : [{ itemNo, amountMinor }]));
}

function byDueDate(a: OpenInvoice, b: OpenInvoice): number {
  if (a.dueOn !== b.dueOn) return a.dueOn < b.dueOn ? -1 : 1;
  return compare(a.number, b.number);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
