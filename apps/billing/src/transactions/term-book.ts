import type { CalendarDate, Period } from '../domain/calendar.ts';
import type { ChargeSegment } from '../domain/earning.ts';
import type { Plan } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import type { StandingInstalment } from '../domain/recut.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { TransactionType } from '../domain/transaction.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import type { BillingDates } from '../schedules/recut.builder.ts';

/** A charge, with what charged it. */
export interface TermCharge extends StoredCharge {
  /** Null for a fee that billing itself assessed. */
  readonly transactionType: TransactionType | null;
}

/** An instalment of the schedule as it stands, with its invoice where it has one. */
export interface BookedInstalment extends StandingInstalment, BillingDates {
  readonly invoiceId: string | null;
}

/** One term of a policy as a transaction finds it: the policy is locked, so that nobody changes it meanwhile. */
export interface TermBook {
  readonly policy: Policy;
  readonly term: PolicyTerm;
  /** Of the whole policy, in the order of their numbers. */
  readonly terms: readonly PolicyTerm[];
  readonly schedule: Schedule;
  /** By which the schedule is paid, in the version that it was laid out by, as it is for this term. */
  readonly plan: Plan;
  /** In the order of their numbers, without what was cut out. */
  readonly instalments: readonly BookedInstalment[];
  /** Of transactions that stand, and of none. */
  readonly charges: readonly TermCharge[];
  /** Of the whole policy, in their order. */
  readonly transactions: readonly PolicyTransaction[];
  /** Policy-local. */
  readonly today: CalendarDate;
  readonly now: Date;
}

export function periodOf({ effectiveDate, expirationDate }: PolicyTerm): Period {
  return { start: effectiveDate, end: expirationDate };
}

/** The last cancellation of this term that stands: other terms have their own. */
export function lastCancellationOf({ transactions, term }: TermBook): PolicyTransaction | undefined {
  return transactions.findLast(
    ({ type, state, termNumber }) => type === 'cancellation' && state === 'applied' && termNumber === term.number,
  );
}

/**
 * The charges that are earned by cover, each for its own days. What a cancellation gave back and a reinstatement took
 * again are two sides of one thing and left out, and so are the fees that billing asked for by itself.
 */
export function segmentsOf({ charges }: TermBook): (ChargeSegment & { readonly charge: TermCharge })[] {
  return charges
    .filter(({ transactionType, offsetsChargeId }) => transactionType !== null && offsetsChargeId === null)
    .map((charge) => ({ ...charge, coverage: { start: charge.coverageStart, end: charge.coverageEnd }, charge }));
}
