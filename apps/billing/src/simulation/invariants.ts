import type { CalendarDate } from '../domain/calendar.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Account, Source, TermAccount } from './account.ts';

/** What must be true after every step; each line says what is not. The numbers are those of domain.md 3.5. */
export function violations(account: Account): string[] {
  const found: string[] = [];
  const billed = new Map<string, bigint>();
  for (const of of account.terms) checkTerm(account, of, billed, found);
  const paid = new Map<string, bigint>();
  for (const source of account.sources.values()) checkSource(account, source, paid, found);
  for (const invoice of account.invoices.values()) checkInvoice(invoice, paid, billed, found);
  // 2: a charge is what of it is in instalments, on invoices of its own, or was taken out.
  for (const { id, amountMinor, voidedMinor } of account.charges.values()) {
    const sum = (billed.get(id) ?? 0n) + voidedMinor;
    if (sum !== amountMinor) found.push(`2: a charge of ${amountMinor} is billed with ${sum}`);
    const [least, most] = amountMinor < 0n ? [amountMinor, 0n] : [0n, amountMinor];
    if (voidedMinor < least || voidedMinor > most) found.push(`2: ${voidedMinor} of ${amountMinor} is voided`);
  }
  return found;
}

function checkTerm(account: Account, { schedule, entries }: TermAccount, billed: Map<string, bigint>, found: string[]) {
  let total = 0n;
  for (const { row, lines, invoiceId } of entries) {
    if (row.state === 'superseded' || row.state === 'cancelled') continue;
    let sum = 0n;
    for (const { chargeId, amountMinor } of lines) {
      sum += amountMinor;
      billed.set(chargeId, (billed.get(chargeId) ?? 0n) + amountMinor);
    }
    total += row.amountMinor;
    if (sum !== row.amountMinor) found.push(`2: an instalment of ${row.amountMinor} has lines of ${sum}`);
    if (row.amountMinor < 0n) found.push(`an instalment of ${row.amountMinor}`);
    const invoice = invoiceId === null ? null : account.invoices.get(invoiceId)!;
    const isOneDebt = !invoice || (invoice.totalMinor === row.amountMinor && invoice.balanceMinor === row.balanceMinor);
    if (!isOneDebt) found.push(`an instalment of ${row.amountMinor} and its invoice of ${invoice.totalMinor} differ`);
    if (!invoice && row.state !== 'scheduled' && row.amountMinor !== 0n)
      found.push(`a ${row.state} one without invoice`);
  }
  const { state, totalMinor, paidThrough } = schedule;
  if (state !== 'cancelled' && total !== totalMinor) found.push(`1: a schedule of ${totalMinor} holds ${total}`);
  const covered = prefixEnd(entries);
  if (covered !== paidThrough) found.push(`14: paid through ${paidThrough}, the paid prefix ends ${covered}`);
}

/**
 * 14: the end of the unbroken prefix of paid instalments, found the other way round: before the first that is not paid.
 */
function prefixEnd(entries: TermAccount['entries']): CalendarDate | null {
  let open = Infinity;
  for (const { row } of entries) {
    const counts = row.state !== 'superseded' && row.state !== 'cancelled' && row.state !== 'paid';
    if (counts && row.number < open) open = row.number;
  }
  let end: CalendarDate | null = null;
  for (const { row } of entries) {
    if (row.state === 'paid' && row.number < open && (end === null || row.periodEnd > end)) end = row.periodEnd;
  }
  return end;
}

/** 4, 7 and 21: every cent of a source of money is where its parts say. */
function checkSource(account: Account, { held }: Source, paid: Map<string, bigint>, found: string[]): void {
  const { received, batches, shares, items } = held;
  let allocated = 0n;
  for (const { invoices } of batches) {
    for (const { invoiceId, items: parts } of invoices) {
      for (const { itemNo, amountMinor } of parts) {
        allocated += amountMinor;
        const key = `${invoiceId} ${itemNo}`;
        paid.set(key, (paid.get(key) ?? 0n) + amountMinor);
        if (amountMinor <= 0n) found.push(`4: ${amountMinor} is allocated`);
      }
    }
  }
  const unapplied = shares.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const suspended = items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const gone = received.refundedMinor + received.disbursedMinor + received.returnedMinor;
  const all = allocated + unapplied + suspended + gone;
  if (all !== received.amountMinor) found.push(`4: of ${received.amountMinor} received ${all} is accounted for`);
  const isSaid = allocated === received.allocatedMinor && unapplied === received.unappliedMinor;
  if (!isSaid || suspended !== received.suspendedMinor) found.push('4: a source says other parts than it has');
  if (shares.some(({ amountMinor }) => amountMinor < 0n) || gone < 0n) found.push('4: a part is negative');
  const isTakenBack = received.state === 'reversed' && received.returnedMinor === received.amountMinor;
  if (isTakenBack && allocated !== 0n) found.push(`7: what was taken back pays ${allocated}`);
  if (allocated > 0n && received.currency !== account.policy.currency) {
    found.push(`21: ${received.currency} pays a debt in ${account.policy.currency}`);
  }
}

/** 5: no item is paid with more than it is, and an invoice is its items. */
function checkInvoice(
  { id, type, instalmentId, state, totalMinor, allocatedMinor, balanceMinor, items }: Invoice,
  paid: ReadonlyMap<string, bigint>,
  billed: Map<string, bigint>,
  found: string[],
): void {
  let [total, allocated] = [0n, 0n];
  const isMemo = type === 'credit_memo';
  for (const item of items) {
    total += item.amountMinor;
    allocated += item.allocatedMinor;
    if (isMemo) {
      const { chargeId, amountMinor } = item;
      if (state !== 'void') billed.set(chargeId!, (billed.get(chargeId!) ?? 0n) + amountMinor);
      continue;
    }
    if (item.allocatedMinor < 0n || item.allocatedMinor > item.amountMinor) {
      found.push(`5: an item of ${item.amountMinor} is paid with ${item.allocatedMinor}`);
    }
    const sum = paid.get(`${id} ${item.itemNo}`) ?? 0n;
    if (sum !== item.allocatedMinor) found.push(`5: an item says ${item.allocatedMinor} of ${sum}`);
  }
  if (total !== totalMinor || allocated !== allocatedMinor) found.push('5: an invoice is not its items');
  if (balanceMinor !== totalMinor - allocatedMinor) found.push('5: a balance is not what is left');
  if (!isMemo && instalmentId === null) found.push('an invoice without instalment');
  if (state === 'void' && allocatedMinor !== 0n) found.push(`5: ${allocatedMinor} is paid on what is void`);
}
