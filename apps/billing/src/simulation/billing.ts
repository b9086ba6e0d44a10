import { moveInstalment } from '../domain/instalment.ts';
import type { InstalmentSource } from '../domain/instalment.ts';
import type { InvoiceItem, InvoiceType } from '../domain/invoice.ts';
import { amountOf } from '../domain/recut.ts';
import type { ChargeLine } from '../domain/recut.ts';
import { paidThrough } from '../domain/schedule.ts';
import type { Account, Entry, TermAccount } from './account.ts';

const types: Record<InstalmentSource, InvoiceType> = {
  plan: 'instalment',
  reinstatement: 'instalment',
  endorsement: 'endorsement',
  catch_up: 'catch_up',
  final: 'final',
};

/** What is due by now gets its invoice, as `DueService` has it. */
export function release(account: Account): void {
  for (const of of account.terms) {
    const due = of.entries.filter(({ row: { state, dueAt } }) => state === 'scheduled' && dueAt <= account.now);
    for (const entry of due) {
      if (entry.row.amountMinor === 0n) passOver(account, of, entry);
      else bill(account, entry);
    }
  }
}

function passOver({ tally }: Account, of: TermAccount, entry: Entry): void {
  entry.row = { ...entry.row, state: moveInstalment(entry.row.state, 'owe_nothing') };
  const covered = of.entries.filter(({ row }) => row.state !== 'superseded').map(({ row }) => row);
  of.schedule = { ...of.schedule, paidThrough: paidThrough(covered) };
  tally.zeroInstalments++;
}

function bill(account: Account, entry: Entry): void {
  const { row, lines } = entry;
  const items = account.rules.netItems(named(account, lines));
  const totalMinor = amountOf(items);
  const { id: instalmentId, currency, dueOn, source } = row;
  const invoice = account.addInvoice({
    ...{
      type: types[source],
      instalmentId,
      state: 'open',
      currency,
      issuedOn: account.today,
      dueOn,
      originalDueOn: dueOn,
    },
    ...{ totalMinor, allocatedMinor: 0n, balanceMinor: totalMinor },
    items: items.map((item, index): InvoiceItem => ({
      ...item,
      ...{ itemNo: index + 1, allocatedMinor: 0n, writtenOffMinor: 0n },
    })),
  });
  entry.invoiceId = invoice.id;
  entry.row = { ...row, state: moveInstalment(row.state, 'bill'), version: row.version + 2 };
  account.tally.bills++;
}

/** A credit memo: settled the moment it is issued, for its money is a credit. */
export function issueMemo(account: Account, credited: readonly ChargeLine[]): string {
  const totalMinor = amountOf(credited);
  const { today, policy } = account;
  const memo = account.addInvoice({
    ...{ type: 'credit_memo', instalmentId: null, state: 'paid', currency: policy.currency },
    ...{ issuedOn: today, dueOn: today, originalDueOn: today },
    ...{ totalMinor, allocatedMinor: totalMinor, balanceMinor: 0n },
    items: named(account, credited).map((item, index): InvoiceItem => ({
      ...item,
      ...{ itemNo: index + 1, allocatedMinor: item.amountMinor, writtenOffMinor: 0n },
    })),
  });
  return memo.id;
}

function named({ charges }: Account, lines: readonly ChargeLine[]) {
  return lines.map(({ chargeId, amountMinor }) => {
    const { category, code } = charges.get(chargeId)!;
    return { chargeId, category, code, amountMinor };
  });
}
