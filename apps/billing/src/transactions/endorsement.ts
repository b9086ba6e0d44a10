import { maxMinor } from '@quittance/money/money';
import { isSpread } from '../domain/charge.ts';
import type { Charge } from '../domain/charge.ts';
import { proRatedChange } from '../domain/earning.ts';
import { endorse } from '../domain/endorse.ts';
import { DomainError } from '../domain/errors.ts';
import { termStateOn } from '../domain/policy-term.ts';
import type { EndorsementRequest } from '../domain/transaction.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { lineOf, newCharge, unchanged } from './change.ts';
import type { Change } from './change.ts';
import { periodOf } from './term-book.ts';
import type { TermBook } from './term-book.ts';

/**
 * A change of what is covered, from a date to the end of the term. Its charges have cover of their own, so it does not
 * matter in which order several of them come.
 * @throws DomainError `policy_not_in_force`, `invalid_transaction`
 */
export function endorseTerm(book: TermBook, request: EndorsementRequest, transaction: PolicyTransaction): Change {
  const { term, policy, plan, today } = book;
  // Also where its end is still to come: what the cancellation gave back did not know of this charge.
  if (term.state !== 'in_force') {
    throw new DomainError('policy_not_in_force', `The term is ${termStateOn(term, today)}.`);
  }
  const coverage = { start: request.effectiveDate, end: term.expirationDate };
  const charges = request.charges
    .map((charge) => forTheRest(charge, request, book))
    .map((charge, index) => newCharge(charge, transaction, policy.currency, { coverage, position: index + 1 }));
  checkSum(book, charges, request.isAnnualised ? '/annualised' : '/charges');
  const signed = charges.map((charge) => ({ ...lineOf(charge), isSpread: isSpread(charge) }));
  const rules = { endorsement: plan.endorsementPolicy, returns: plan.returnPolicy };
  const { laid, credited } = endorse(book.instalments, { charges: signed, coverage, today }, rules);
  return { ...unchanged(book, transaction), charges, laid, credited, creditSource: 'endorsement' };
}

function forTheRest(charge: Charge, { isAnnualised, effectiveDate }: EndorsementRequest, { term }: TermBook): Charge {
  if (!isAnnualised) return charge;
  return { ...charge, amountMinor: proRatedChange(charge.amountMinor, effectiveDate, periodOf(term)) };
}

/** What a term costs is never less than nothing, and never more than can be billed. */
function checkSum({ charges: known, schedule }: TermBook, charges: readonly StoredCharge[], pointer: string): void {
  const refused = (detail: string) =>
    new DomainError('invalid_transaction', 'The term cannot cost that.', { errors: [{ pointer, detail }] });
  const standing = known.filter(({ transactionType }) => transactionType !== null);
  const left = [...standing, ...charges].reduce(
    (sum, { amountMinor, voidedMinor }) => sum + amountMinor - voidedMinor,
    0n,
  );
  if (left < 0n) throw refused('must not give back more than the term costs');
  const more = charges.reduce((sum, { amountMinor }) => (amountMinor > 0n ? sum + amountMinor : sum), 0n);
  if (schedule.totalMinor + more > maxMinor) throw refused('would bring the term to more than 2^53 - 1 minor units');
}
