import { toWire } from '@quittance/money/wire';
import { cancelTerm } from '../domain/cancel-term.ts';
import { DomainError } from '../domain/errors.ts';
import { amountOf, isUnbilled, merged } from '../domain/recut.ts';
import type { ChargeLine } from '../domain/recut.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { termStateOn } from '../domain/policy-term.ts';
import { formatRate } from '../domain/rate.ts';
import { cancellationProblems, returnPremium } from '../domain/return-premium.ts';
import type { Cancellation, ReturnPremium } from '../domain/return-premium.ts';
import { checkReturn, refundBounds, refundDueOn } from '../domain/return-rule.ts';
import type { ReturnRule } from '../domain/return-rule.ts';
import { sentProblems } from '../domain/sent-return.ts';
import { exampleTable } from '../domain/short-rate-table.ts';
import type { CancellationRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { lineOf, newCharge, unchanged } from './change.ts';
import type { Change, TransactionFact } from './change.ts';
import { periodOf, segmentsOf } from './term-book.ts';
import type { TermBook } from './term-book.ts';

/**
 * The end of a term before its time. What is given back of each charge is a charge of its own, negative, and names the
 * one that it gives back.
 * @throws DomainError `policy_not_in_force`, `invalid_transaction`, `return_premium_mismatch`
 */
export function cancel(
  book: TermBook,
  request: CancellationRequest,
  transaction: PolicyTransaction,
  rule: ReturnRule | null = null,
): Change {
  const { term, policy, today } = book;
  if (term.state !== 'in_force') {
    throw new DomainError('policy_not_in_force', `The term is ${termStateOn(term, today)} already.`);
  }
  const terms = cancellationOf(book, request, rule);
  const problems = cancellationProblems(terms);
  if (problems.length > 0) {
    throw new DomainError('invalid_transaction', 'The term cannot be ended like that.', { errors: problems });
  }
  const segments = segmentsOf(book).filter(({ charge }) => charge.code !== 'instalment_fee');
  const returned = returnPremium(segments, terms);
  if (rule) checkReturn(rule, request, returned);
  check(request, segments, returned, policy.currency);
  const on = request.effectiveDate;
  const charges = segments.flatMap(({ charge, coverage }, index) => {
    const amountMinor = -(returned.charges[index]?.returnedMinor ?? 0n);
    if (amountMinor === 0n) return [];
    const cover = { start: on > coverage.start ? on : coverage.start, end: coverage.end };
    const about = { coverage: cover, position: index + 1, offsetsChargeId: charge.id };
    return [newCharge({ ...charge, amountMinor }, transaction, policy.currency, about)];
  });
  const { standing, fees, returns: beyond } = withoutFees(book, on);
  const { laid, credited } = cancelTerm(standing, { returns: [...charges.map(lineOf), ...beyond], on, today });
  const ended = { ...term, cancelledOn: on };
  const fact = calculated(book, request, transaction, returned);
  return {
    ...unchanged(book, transaction),
    charges,
    laid,
    credited,
    creditSource: 'return_premium',
    voided: fees,
    term: { ...ended, state: termStateOn(ended, today) },
    scheduleEvent: 'cancel',
    facts: [{ ...fact, data: { ...fact.data, ...lawOf(book, request, returned, rule) } }],
  };
}

/**
 * Nobody pays a fee for an instalment that is not to come: those of the plan that are not billed go with the term. What
 * an earlier return took off beyond the rest of such an instalment is given back otherwise. A credit never holds a fee:
 * it would stand against a line that stays, and the next cancellation would void that once more.
 */
function withoutFees({ instalments, charges }: TermBook, on: CalendarDate) {
  const fees = new Set(charges.filter(({ code }) => code === 'instalment_fee').map(({ id }) => id));
  const isFee = ({ chargeId }: ChargeLine) => fees.has(chargeId);
  const gone = instalments.filter((each) => isUnbilled(each) && each.dueOn >= on && each.lines.some(isFee));
  const rests = new Map(gone.map(({ id, lines }) => [id, withoutDeficit(lines.filter((line) => !isFee(line)))]));
  return {
    standing: instalments.map((each) => ({ ...each, lines: rests.get(each.id)?.lines ?? each.lines })),
    fees: merged(gone.flatMap(({ lines }) => lines.filter(isFee))),
    returns: merged([...rests.values()].flatMap(({ returns }) => returns)),
  };
}

/** Lines that come to nothing at least, and the part of the returns among them that is beyond that. */
function withoutDeficit(lines: readonly ChargeLine[]): { lines: ChargeLine[]; returns: ChargeLine[] } {
  let deficit = amountOf(lines);
  const returns = lines.flatMap(({ chargeId, amountMinor }) => {
    const beyond = amountMinor > deficit ? amountMinor : deficit;
    if (beyond >= 0n) return [];
    deficit -= beyond;
    return [{ chargeId, amountMinor: beyond }];
  });
  const taken = returns.map(({ chargeId, amountMinor }) => ({ chargeId, amountMinor: -amountMinor }));
  return { lines: merged([...lines, ...taken]), returns };
}

function cancellationOf({ term }: TermBook, request: CancellationRequest, rule: ReturnRule | null): Cancellation {
  const { effectiveDate: effectiveOn, method, minimumEarnedRate } = request;
  const { returnsFeesOnFlat = true, shortRateTable } = rule ?? {};
  const table = shortRateTable ?? exampleTable;
  return { term: periodOf(term), effectiveOn, method, minimumEarnedRate, returnsFeesOnFlat, table };
}

/** Until when it has to be paid, and what is owed on top of it after that. It is asked for on the day it is told. */
function lawOf(
  { policy: { currency }, today }: TermBook,
  { effectiveDate: effectiveOn }: CancellationRequest,
  { returnedMinor, penaltyMinor }: ReturnPremium,
  rule: ReturnRule | null,
) {
  if (rule === null || returnedMinor <= 0n) return {};
  const { lateMinor: minor } = refundBounds(rule, returnedMinor + penaltyMinor);
  const refundDueBy = refundDueOn(rule, { effectiveOn, requestedOn: today });
  return { refundDueBy, ...(minor === 0n ? {} : { lateAddition: toWire({ minor, currency }) }) };
}

/** A policy system may have computed it, too: to the minor unit a charge, or one of us is wrong. */
function check(
  { charges }: CancellationRequest,
  segments: ReturnType<typeof segmentsOf>,
  returned: ReturnPremium,
  currency: string,
): void {
  if (charges === null) return;
  const sent = charges.map((charge) => ({ ...charge, amountMinor: abs(charge.amountMinor) }));
  const ours = segments.map(({ category, charge: { code } }, index) => {
    return { category, code, amountMinor: returned.charges[index]?.returnedMinor ?? 0n };
  });
  const errors = sentProblems(sent, ours, currency);
  if (errors.length === 0) return;
  throw new DomainError('return_premium_mismatch', 'The charges are not what the method gives back.', { errors });
}

function calculated(
  { policy }: TermBook,
  { method, minimumEarnedRate, effectiveDate }: CancellationRequest,
  { id: transactionId }: PolicyTransaction,
  { earnedMinor, returnedMinor, penaltyMinor, feesRetainedMinor }: ReturnPremium,
): TransactionFact {
  const { locator, policyholderLocator, currency, billingMethod, financerId } = policy;
  const wire = (minor: bigint) => toWire({ minor, currency });
  const isFinanced = billingMethod === 'financed' && financerId !== null;
  return {
    type: 'return_premium.calculated',
    data: {
      transactionId,
      policyLocator: locator,
      policyholderLocator,
      method,
      ...(minimumEarnedRate === null ? {} : { minimumEarnedRate: formatRate(minimumEarnedRate) }),
      effectiveDate,
      earned: wire(earnedMinor),
      unearned: wire(returnedMinor + penaltyMinor),
      penalty: wire(penaltyMinor),
      feesRetained: wire(feesRetainedMinor),
      returned: wire(returnedMinor),
      ...(isFinanced ? { payeeType: 'financer', payeeLocator: financerId } : { payeeType: 'insured' }),
    },
  };
}

function abs(n: bigint): bigint {
  return n < 0n ? -n : n;
}
