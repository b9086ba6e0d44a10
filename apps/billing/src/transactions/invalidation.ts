import { DomainError } from '../domain/errors.ts';
import { invalidate } from '../domain/invalidate.ts';
import { termStateOn } from '../domain/policy-term.ts';
import { inOrder, isUnbilled, merged } from '../domain/recut.ts';
import type { ChargeLine, LaidInstalment } from '../domain/recut.ts';
import type { TransactionType } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { lineOf, unchanged } from './change.ts';
import type { Change } from './change.ts';
import { lastCancellationOf, periodOf } from './term-book.ts';
import type { TermBook } from './term-book.ts';
import { reopened, saysLast } from './term-end.ts';

/**
 * A transaction did not take place after all. Its payment stays posted: the money is here, so it is unapplied.
 * @param before what a cancellation had cut out of the schedule
 * @throws DomainError `invalid_transition` for what cannot be undone, or not any more
 */
export function undo(
  book: TermBook,
  invalidated: PolicyTransaction,
  transaction: PolicyTransaction,
  before: readonly LaidInstalment[],
): Change {
  refuse(book, invalidated);
  const own = book.charges.filter(({ transactionId }) => transactionId === invalidated.id);
  const common = { ...unchanged(book, transaction), invalidated, invalidatedCharges: own, voided: own.map(lineOf) };
  const charges = new Set(own.map(({ id }) => id));
  if (invalidated.type === 'cancellation') {
    const voided = [...common.voided, ...feesAgain(book, invalidated, before)];
    return { ...common, ...rescinded(book, charges, before), voided };
  }
  if (saysLast(invalidated.type)) {
    return { ...common, laid: book.instalments.filter(isUnbilled), term: reopened(book, invalidated) };
  }
  const undoing = { charges, coverage: periodOf(book.term), today: book.today };
  const { laid, credited, undone } = invalidate(book.instalments, undoing);
  const isEnd = invalidated.type === 'renewal' || invalidated.type === 'reinstatement';
  return {
    ...common,
    laid,
    credited,
    creditSource: 'invalidation',
    undone: book.instalments.filter((each) => undone.includes(each)),
    ...(isEnd ? ended(book, invalidated) : {}),
  };
}

/**
 * The schedule is what it was before, to the cent and the day: the final bill goes, and its credit is taken back. That
 * of a cancellation before it, after which the term was reinstated, stays.
 */
function rescinded({ term, instalments }: TermBook, own: ReadonlySet<string>, before: readonly LaidInstalment[]) {
  const last = instalments.findLast(({ source, state }) => source === 'final' && state !== 'cancelled');
  const isOwn = before.length > 0 || last?.lines.some(({ chargeId }) => own.has(chargeId));
  const final = isOwn ? last : undefined;
  const stays = instalments.filter((each) => isUnbilled(each) && each !== final);
  return {
    undone: final && !isUnbilled(final) ? [final] : [],
    laid: inOrder([...stays, ...before]),
    term: { ...term, state: 'in_force', cancelledOn: null } as const,
    scheduleEvent: 'reinstate' as const,
  };
}

/** The fees of instalments that are to come again: the cancellation had taken them out. */
function feesAgain(
  { charges }: TermBook,
  { effectiveDate }: PolicyTransaction,
  before: readonly LaidInstalment[],
): ChargeLine[] {
  const fees = new Set(charges.filter(({ code }) => code === 'instalment_fee').map(({ id }) => id));
  const again = before.filter(({ dueOn }) => dueOn >= effectiveDate).flatMap(({ lines }) => lines);
  return merged(again.filter(({ chargeId }) => fees.has(chargeId))).map(({ chargeId, amountMinor }) => {
    return { chargeId, amountMinor: -amountMinor };
  });
}

/** A renewal that did not take place is no cover at all, a reinstatement leaves the term as the cancellation did. */
function ended(book: TermBook, { type }: PolicyTransaction) {
  const { term, today } = book;
  const cancelledOn =
    type === 'renewal' ? term.effectiveDate : (lastCancellationOf(book)?.effectiveDate ?? term.effectiveDate);
  const ended = { ...term, cancelledOn };
  return { term: { ...ended, state: termStateOn(ended, today) }, scheduleEvent: 'cancel' as const };
}

function refuse({ transactions, term }: TermBook, invalidated: PolicyTransaction): void {
  const { type, state, number, termNumber } = invalidated;
  const no = (message: string) => new DomainError('invalid_transition', message, { allowedActions: [] });
  if (state !== 'applied') throw no(`The transaction is ${state} already.`);
  if (isOnlyReplaced(type)) throw no(`No ${type} is undone like that.`);
  const later = transactions.filter((each) => each.number > number && each.state === 'applied');
  const isBuiltUpon = later.some((each) => each.termNumber === termNumber && !leavesAmounts(each.type));
  // What a cancellation gives back depends on every charge before it: only the last one can be taken back.
  if (isBuiltUpon && type !== 'endorsement') throw no('A later transaction builds upon it.');
  const isReplaced = later.some((each) => each.type === 'renewal' && each.effectiveDate < term.expirationDate);
  if (isReplaced && term.state === 'flat_cancelled') throw no('Another term was made in the place of this one.');
  // Where it goes on again, too: days without cover were credited of this charge as of every other.
  const isCancelled = later.some((each) => each.termNumber === termNumber && each.type === 'cancellation');
  if (type === 'endorsement' && isCancelled) throw no('The term was cancelled since.');
}

/** Undone by another one, if at all. */
function isOnlyReplaced(type: TransactionType): boolean {
  return type === 'issue' || type === 'invalidation' || type === 'plan_change' || type === 'party_change';
}

/** What is charged and given back does not depend on it. */
function leavesAmounts(type: TransactionType): boolean {
  return type === 'invalidation' || type === 'party_change' || saysLast(type);
}
