import { newId } from '@quittance/service-kit/id';
import { moveInstalment } from '../domain/instalment.ts';
import { amountOf } from '../domain/recut.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import type { Change } from '../transactions/change.ts';
import { completed, scheduleAfter } from '../transactions/changes.service.ts';
import type { BookedInstalment, TermBook, TermCharge } from '../transactions/term-book.ts';
import { entriesOf } from './account.ts';
import type { Account, Entry, TermAccount } from './account.ts';
import { issueMemo, release } from './billing.ts';
import { planNamed } from './plans.ts';
import { applyUnapplied, receive, takeOut } from './money.ts';

type ChangeRequest = Exclude<TransactionRequest, { type: 'renewal' | 'nonrenewal' | 'expiration' | 'party_change' }>;

/** A transaction on one term, in the order in which `TransactionsService` has it: decide, undo, write, settle. */
export function transact(account: Account, of: TermAccount, request: ChangeRequest): Change {
  const book = bookOf(account, of);
  const change = decide(account, of, book, request);
  if (change.invalidated) takeCreditsBack(account, change.invalidated);
  undo(account, change);
  const isAsRead = change.undone.length === 0 && change.invalidated === null;
  write(account, of, isAsRead ? book : { ...book, ...stateOf(of) }, change);
  settle(account, change);
  return change;
}

export function headOf(account: Account, request: TransactionRequest, termNumber: number): PolicyTransaction {
  const { policy, transactions, today, now } = account;
  return {
    ...{ tenantId: policy.tenantId, id: newId(), policyLocator: policy.locator, number: transactions.length + 1 },
    ...{ type: request.type, state: 'applied', termNumber, request: {}, contentHash: null, version: 1, createdAt: now },
    effectiveDate: 'effectiveDate' in request ? request.effectiveDate : today,
    invalidates: request.type === 'invalidation' ? request.transactionId : null,
  };
}

export function bookOf(account: Account, of: TermAccount): TermBook {
  const { policy, transactions, today, now, charges } = account;
  const types = new Map(transactions.filter(({ state }) => state === 'applied').map(({ id, type }) => [id, type]));
  const own = [...charges.values()].flatMap((charge): TermCharge[] => {
    const transactionType = types.get(charge.transactionId ?? '');
    return transactionType === undefined || charge.termNumber !== of.term.number
      ? []
      : [{ ...charge, transactionType }];
  });
  const plan = planNamed(of.schedule.plan);
  const terms = account.terms.map(({ term }) => term);
  return { policy, term: of.term, terms, plan, ...stateOf(of), charges: own, transactions, today, now };
}

function stateOf({ schedule, entries }: TermAccount): Pick<TermBook, 'schedule' | 'instalments'> {
  const live = entries.filter(({ row }) => row.state !== 'superseded').map(booked);
  return { schedule, instalments: live.sort((a, b) => a.number - b.number) };
}

function booked({ row, lines, invoiceId }: Entry): BookedInstalment {
  const { id, number, source, state, dueOn, periodStart: start, periodEnd: end, generateAt, autopayOn } = row;
  const about = { id, number, source, state, dueOn, generateAt, autopayOn };
  return { ...about, period: { start, end }, lines, invoiceId };
}

function decide(account: Account, of: TermAccount, book: TermBook, request: ChangeRequest): Change {
  const { rules } = account;
  const head = headOf(account, request, of.term.number);
  const cutBy = (id: string | undefined) =>
    of.entries
      .filter(({ row }) => row.state === 'superseded' && row.supersededBy === id)
      .map(booked)
      .sort(byDate);
  switch (request.type) {
    case 'endorsement':
      return rules.endorseTerm(book, request, head);
    case 'cancellation':
      return rules.cancel(book, request, head);
    case 'reinstatement': {
      const last = book.transactions.findLast(({ type, state }) => type === 'cancellation' && state === 'applied');
      return rules.reinstate(book, request, head, cutBy(last?.id));
    }
    case 'invalidation': {
      const invalidated = book.transactions.find(({ id }) => id === request.transactionId)!;
      return rules.undo(book, invalidated, head, cutBy(invalidated.id));
    }
    case 'plan_change':
      return rules.payByPlan(book, request, head, planNamed(request.plan));
  }
}

function byDate(a: BookedInstalment, b: BookedInstalment): number {
  return a.dueOn === b.dueOn ? a.number - b.number : a.dueOn < b.dueOn ? -1 : 1;
}

function takeCreditsBack(account: Account, { id }: PolicyTransaction): void {
  for (const source of account.sources.values()) {
    if (source.transactionId !== id || source.held.received.state === 'reversed') continue;
    takeOut(account, source, 'reversal', source.held.received.amountMinor);
    const { memoId, held } = source;
    if (memoId !== null) {
      const book = account.book([memoId]);
      book.annul({ tenantId: held.received.tenantId, id: memoId }, account.occasion);
      account.save(book);
    }
    account.tally.creditsTakenBack++;
  }
}

/** Invoices that are owed no more: what was paid on them is unapplied, and they are void. */
function undo(account: Account, { undone }: Change): void {
  const wanted = new Set(undone.flatMap(({ invoiceId }) => invoiceId ?? []));
  for (const { id } of undone.filter(({ invoiceId }) => invoiceId === null)) {
    const entry = account.entry(id);
    entry.row = { ...entry.row, state: moveInstalment(entry.row.state, 'undo_nothing') };
  }
  if (wanted.size === 0) return;
  const { rules, occasion, policy } = account;
  const sources = [...account.sources.values()];
  const touched = sources.flatMap(({ held }) =>
    held.batches
      .filter(({ invoices }) => invoices.some(({ invoiceId }) => wanted.has(invoiceId)))
      .flatMap(({ invoices }) => invoices.map(({ invoiceId }) => invoiceId)),
  );
  const book = account.book([...wanted, ...touched]);
  const taken = sources.flatMap(({ held }) => rules.unallocate(held, wanted, book, occasion) ?? []);
  for (const id of wanted) book.void({ tenantId: policy.tenantId, id }, occasion);
  account.save(book);
  for (const { moved } of taken) account.move(moved);
  account.tally.undoneInvoices += wanted.size;
}

function write(account: Account, of: TermAccount, book: TermBook, change: Change): void {
  const { charges, transactions, policy } = account;
  const rows = account.rules.buildRecut(book, change.laid, {
    plan: change.plan ?? book.plan,
    timeZone: policy.timeZone,
  });
  of.schedule = completed(scheduleAfter(book, change, rows), rows);
  of.term = change.term;
  const { transaction, invalidated } = change;
  if (invalidated) {
    const index = transactions.findIndex(({ id }) => id === invalidated.id);
    transactions[index] = { ...invalidated, state: 'invalidated' };
  }
  transactions.push(transaction);
  for (const charge of change.charges) charges.set(charge.id, charge);
  for (const { chargeId, amountMinor } of change.voided) {
    const charge = charges.get(chargeId)!;
    charges.set(chargeId, { ...charge, voidedMinor: charge.voidedMinor + amountMinor });
  }
  for (const id of rows.superseded) {
    const entry = account.entry(id);
    entry.row = { ...entry.row, state: 'superseded', supersededBy: transaction.id };
  }
  of.entries.push(...entriesOf(rows.added, rows.lines));
}

function settle(account: Account, { transaction, credited }: Change): void {
  release(account);
  const amountMinor = -amountOf(credited);
  if (amountMinor !== 0n) {
    const { currency, locator: policyLocator } = account.policy;
    const about = { transactionId: transaction.id, memoId: issueMemo(account, credited) };
    receive(account, { kind: 'credit', amountMinor, currency, named: { policyLocator }, ...about });
    account.tally.credits++;
  }
  applyUnapplied(account);
}
