import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { Period } from '../domain/calendar.ts';
import type { Charge } from '../domain/charge.ts';
import type { CreditSource } from '../domain/credit.ts';
import type { Plan } from '../domain/plan.ts';
import type { PartyChanges } from '../domain/policy-parties.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import type { ChargeLine, LaidInstalment } from '../domain/recut.ts';
import type { ScheduleEvent } from '../domain/schedule.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import type { BookedInstalment, TermBook } from './term-book.ts';

/** What is said of a transaction beside that it was applied: its version counts one more for each. */
export type TransactionFact = Pick<NewEvent, 'type' | 'data'>;

/** What a transaction does to a term: everything that has to be written and said, decided before any of it is. */
export interface Change {
  readonly transaction: PolicyTransaction;
  readonly charges: readonly StoredCharge[];
  /** What the part of the schedule that is not billed becomes. */
  readonly laid: readonly LaidInstalment[];
  /** Negative: a credit memo, whose money is a credit of this source. */
  readonly credited: readonly ChargeLine[];
  readonly creditSource: CreditSource;
  /** Whose invoices are void; what was paid on them is unapplied. */
  readonly undone: readonly BookedInstalment[];
  /** What is taken out of charges, for it will never be billed. */
  readonly voided: readonly ChargeLine[];
  /** The transaction whose credits are taken back, and that stands no more. */
  readonly invalidated: PolicyTransaction | null;
  readonly invalidatedCharges: readonly StoredCharge[];
  readonly term: PolicyTerm;
  readonly scheduleEvent: Extract<ScheduleEvent, 'cancel' | 'reinstate'> | null;
  /** The plan by which the rest is paid from now on. */
  readonly plan: Plan | null;
  /** What of its parties is another from now on. */
  readonly parties: PartyChanges | null;
  readonly facts: readonly TransactionFact[];
}

/** A change of nothing, to say in what it is one. */
export function unchanged({ term }: TermBook, transaction: PolicyTransaction): Change {
  return {
    transaction,
    charges: [],
    laid: [],
    credited: [],
    creditSource: 'endorsement',
    undone: [],
    voided: [],
    invalidated: null,
    invalidatedCharges: [],
    term,
    scheduleEvent: null,
    plan: null,
    parties: null,
    facts: [],
  };
}

export interface ChargeAbout {
  readonly coverage: Period;
  readonly position: number;
  readonly offsetsChargeId?: string;
}

export function newCharge(
  charge: Charge,
  { tenantId, id: transactionId, policyLocator, termNumber }: PolicyTransaction,
  currency: string,
  { coverage, position, offsetsChargeId }: ChargeAbout,
): StoredCharge {
  const { category, code, amountMinor, handling } = charge;
  return {
    ...{ category, code, amountMinor, handling },
    tenantId,
    id: newId(),
    policyLocator,
    transactionId,
    position,
    currency,
    termNumber,
    coverageStart: coverage.start,
    coverageEnd: coverage.end,
    voidedMinor: 0n,
    offsetsChargeId: offsetsChargeId ?? null,
  };
}

export function lineOf({ id: chargeId, amountMinor }: StoredCharge): ChargeLine {
  return { chargeId, amountMinor };
}
