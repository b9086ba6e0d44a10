import { defaultAllocationPlan, firstCategory } from './allocation-plan.ts';
import type { AllocationPlan, InvoiceOrder, ItemOrder } from './allocation-plan.ts';
import type { CalendarDate } from './calendar.ts';
import type { ItemPart } from './invoice.ts';

export interface OpenItem {
  readonly itemNo: number;
  readonly category: string;
  readonly balanceMinor: bigint;
}

export interface OpenInvoice {
  readonly id: string;
  readonly number: bigint;
  readonly policyLocator: string;
  readonly issuedOn: CalendarDate;
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

/** An amount to open invoices, one after the other in the order of a plan; so within each of them to its items. */
export function allocate(
  amountMinor: bigint,
  invoices: readonly OpenInvoice[],
  plan: AllocationPlan = defaultAllocationPlan,
): Allocated {
  let left = amountMinor;
  const allocated: AllocatedInvoice[] = [];
  for (const invoice of inOrder(invoices, plan.invoices)) {
    if (left === 0n) break;
    const balance = balanceOf(invoice.items);
    const part = left < balance ? left : balance;
    if (part <= 0n) continue;
    allocated.push({ invoiceId: invoice.id, amountMinor: part, items: toItems(part, invoice.items, plan.items) });
    left -= part;
  }
  return { invoices: allocated, unappliedMinor: left };
}

/** The items that come first as far as they go, the others in proportion to what they still lack. */
export function toItems(partMinor: bigint, items: readonly OpenItem[], order: ItemOrder): ItemPart[] {
  const category = firstCategory[order];
  const isFirst = (item: OpenItem) => item.category === category;
  if (category === null) return proRata(partMinor, items);
  const first = items.filter(isFirst);
  const owed = balanceOf(first);
  const toFirst = owed < partMinor ? owed : partMinor;
  const parts = [
    ...proRata(toFirst, first),
    ...proRata(
      partMinor - toFirst,
      items.filter((item) => !isFirst(item)),
    ),
  ];
  return parts.sort((a, b) => a.itemNo - b.itemNo);
}

/**
 * Each item's exact share cut off, the left-over units to the largest fractions, ties to the first item. A share with a
 * fraction is below its item's balance, so one unit more never overpays an item.
 */
function proRata(part: bigint, items: readonly OpenItem[]): ItemPart[] {
  if (part === 0n) return [];
  const balance = balanceOf(items);
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

function inOrder(invoices: readonly OpenInvoice[], order: InvoiceOrder): readonly OpenInvoice[] {
  if (order === 'oldest_issue') return invoices.toSorted((a, b) => byText(a.issuedOn, b.issuedOn) || byNumber(a, b));
  const byDue = invoices.toSorted((a, b) => byText(a.dueOn, b.dueOn) || byNumber(a, b));
  // A map keeps the order in which its keys came: that of each policy's first debt.
  return order === 'policy' ? [...Map.groupBy(byDue, ({ policyLocator }) => policyLocator).values()].flat() : byDue;
}

function balanceOf(items: readonly OpenItem[]): bigint {
  return items.reduce((sum, item) => sum + item.balanceMinor, 0n);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byNumber(a: OpenInvoice, b: OpenInvoice): number {
  return compare(a.number, b.number);
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
