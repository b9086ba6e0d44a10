import { toWire } from '@quittance/money/wire';
import { daysBetween } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import { reinstateTerm } from '../domain/reinstate-term.ts';
import { reinstatementOf } from '../domain/reinstatement.ts';
import type { StandingInstalment } from '../domain/recut.ts';
import type { ReinstatementRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { lineOf, newCharge, unchanged } from './change.ts';
import type { Change } from './change.ts';
import { lastCancellationOf, periodOf, segmentsOf } from './term-book.ts';
import type { TermBook, TermCharge } from './term-book.ts';

/**
 * A cancelled term goes on. The whole return is charged again, so that every charge stays provable, and with a lapse
 * the days without cover are credited.
 * @param before what the cancellation had cut out of the schedule
 * @throws DomainError `policy_not_cancelled`, `invalid_transaction`
 */
export function reinstate(
  book: TermBook,
  { effectiveDate, lapse }: ReinstatementRequest,
  transaction: PolicyTransaction,
  before: readonly Pick<StandingInstalment, 'dueOn' | 'period'>[],
): Change {
  const { term, policy, today } = book;
  const { cancelledOn } = term;
  if (cancelledOn === null) throw new DomainError('policy_not_cancelled', 'The term was not cancelled.');
  if (effectiveDate < cancelledOn) {
    const errors = [{ pointer: '/effectiveDate', detail: `must not be before the cancellation of ${cancelledOn}` }];
    throw new DomainError('invalid_transaction', 'A term is not reinstated before it ended.', { errors });
  }
  const gap = lapse ? { start: cancelledOn, end: effectiveDate } : null;
  const returned = returnsOf(book);
  const { charges: amounts, netMinor } = reinstatementOf(
    returned.map(({ segment, charge }) => ({ segment, returnedMinor: -charge.amountMinor })),
    gap,
  );
  const charges = returned.map(({ charge }, index) =>
    newCharge({ ...charge, amountMinor: amounts[index]!.reversedMinor }, transaction, policy.currency, {
      coverage: { start: charge.coverageStart, end: charge.coverageEnd },
      position: index + 1,
      offsetsChargeId: charge.id,
    }),
  );
  const gaps = returned.flatMap(({ segment }, index) => {
    const { gapCreditMinor: amountMinor } = amounts[index]!;
    if (amountMinor === 0n || gap === null) return [];
    const about = { coverage: gap, position: returned.length + index + 1 };
    return [newCharge({ ...segment.charge, amountMinor }, transaction, policy.currency, about)];
  });
  const request = { charges: charges.map(lineOf), gap: gaps.map(lineOf), before, term: periodOf(term), today };
  const lapseDays = gap === null ? 0 : daysBetween(gap.start, gap.end);
  const wire = (minor: bigint) => toWire({ minor, currency: policy.currency });
  const data = { transactionId: transaction.id, policyLocator: policy.locator, effectiveDate, lapseDays };
  return {
    ...unchanged(book, transaction),
    charges: [...charges, ...gaps],
    ...reinstateTerm(book.instalments, request),
    creditSource: 'endorsement',
    term: { ...term, state: 'in_force', cancelledOn: null },
    scheduleEvent: 'reinstate',
    facts: [{ type: 'reinstatement.billed', data: { ...data, amount: wire(netMinor), fee: wire(0n) } }],
  };
}

/** What the last cancellation gave back, each with the charge that it gave back. */
function returnsOf(book: TermBook) {
  const last = lastCancellationOf(book);
  const segments = new Map(segmentsOf(book).map((segment) => [segment.charge.id, segment]));
  return book.charges.flatMap((charge: TermCharge) => {
    if (charge.transactionId !== last?.id) return [];
    const segment = segments.get(charge.offsetsChargeId ?? '');
    return segment ? [{ charge, segment }] : [];
  });
}
