import { DomainError } from './errors.ts';
import { announce } from './payment.ts';
import type { Decision, Payment } from './payment.ts';
import { move } from './payment-state.ts';

export const disputeStates = ['opened', 'challenged', 'accepted', 'expired', 'won', 'lost'] as const;
export type DisputeState = (typeof disputeStates)[number];
export const disputeStages = ['inquiry', 'pre_arbitration', 'chargeback', 'arbitration'] as const;
export type DisputeStage = (typeof disputeStages)[number];

/** Every allowed move; won and lost are final. */
export const disputeTransitions: Readonly<Record<DisputeState, readonly DisputeState[]>> = {
  opened: ['challenged', 'accepted', 'expired'],
  challenged: ['won', 'lost'],
  accepted: ['lost'],
  expired: ['lost'],
  won: [],
  lost: [],
};

/** A cardholder's or bank's claim to a payment's money. */
export interface Dispute {
  readonly tenantId: string;
  readonly id: string;
  readonly version: number;
  readonly paymentId: string;
  readonly provider: string;
  readonly providerRef: string;
  readonly stage: DisputeStage;
  readonly state: DisputeState;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly feeMinor: bigint;
  readonly reasonCode: string;
  readonly evidenceDueAt: Date | null;
  /** What the payment has lost beyond its amount, once the dispute is lost. */
  readonly doubleRecoveryMinor: bigint;
  /** The business date of the outcome. */
  readonly effectiveOn: string | null;
  /** When the provider said what is known here. */
  readonly heardAt: Date;
  /** When somebody was warned that evidence is due. */
  readonly warnedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly finishedAt: Date | null;
}

/** What a provider says of a dispute. */
export interface Claim {
  readonly stage: DisputeStage;
  readonly state: DisputeState;
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  readonly reasonCode: string;
  readonly evidenceDueAt: Date | null;
  readonly decidedOn: string | null;
  readonly heardAt: Date;
}

export interface DisputeFact {
  readonly type: 'opened' | 'updated' | 'won' | 'lost';
  readonly dispute: Dispute;
}

export interface DisputeDecision {
  readonly next: Dispute;
  readonly facts: readonly DisputeFact[];
}

export function isOver({ state }: Pick<Dispute, 'state'>): boolean {
  return disputeTransitions[state].length === 0;
}

/** A provider may skip what lies between: what it says is possible where some path of moves leads there. */
export function canReach(from: DisputeState, to: DisputeState): boolean {
  return disputeTransitions[from].some((next) => next === to || canReach(next, to));
}

export type NewDispute = Pick<Dispute, 'tenantId' | 'id' | 'paymentId' | 'provider' | 'providerRef' | 'currency'>;

/** However far it has come when we first hear of it, it was opened before. */
export function openDispute(identity: NewDispute, claim: Claim, now: Date): DisputeDecision {
  const { decidedOn: _later, ...opened } = { ...claim, state: 'opened' as const };
  const none = { doubleRecoveryMinor: 0n, effectiveOn: null, warnedAt: null, finishedAt: null };
  const dispute = { ...identity, ...opened, ...none, version: 0, createdAt: now, updatedAt: now };
  return say(dispute, 'opened');
}

/** Repeated and older news change nothing, and nothing changes a dispute that is over. */
export function hearClaim(
  dispute: Dispute,
  claim: Claim,
  { payment, today, now }: { payment: Payment; today: string; now: Date },
): DisputeDecision {
  const { decidedOn, ...said } = claim;
  const stage = later(dispute.stage, claim.stage);
  const isFurther = canReach(dispute.state, claim.state) || (stage !== dispute.stage && !isOver(dispute));
  const isNewer = claim.state === dispute.state && !isOver(dispute) && claim.heardAt > dispute.heardAt;
  if (!isFurther && !(isNewer && differs(dispute, claim))) return { next: dispute, facts: [] };
  const next = { ...dispute, ...said, stage, updatedAt: now };
  if (!isOver(next)) return say(next, 'updated');
  const finished = { ...next, finishedAt: now, effectiveOn: decidedOn ?? today };
  if (finished.state === 'won') return say(finished, 'won');
  return say({ ...finished, doubleRecoveryMinor: doubleRecovery(payment, finished.amountMinor) }, 'lost');
}

/** Whether the news is the opposite of how it ended. */
export function contradicts(dispute: Dispute, claim: Claim): boolean {
  return isOver(dispute) && isOver(claim) && claim.state !== dispute.state;
}

const byHand = { accept: 'accepted', challenge: 'challenged' } as const;
export type DisputeAction = keyof typeof byHand;

/** What a person did about it at the provider, told before the provider does. */
export function actOnDispute(dispute: Dispute, action: DisputeAction, now: Date): DisputeDecision {
  const possible = (Object.keys(byHand) as DisputeAction[]).filter((each) =>
    disputeTransitions[dispute.state].includes(byHand[each]),
  );
  if (!possible.includes(action)) {
    const message = `A dispute that is ${dispute.state} does not allow ${action}`;
    throw new DomainError('invalid_transition', message, { allowedActions: possible });
  }
  return say({ ...dispute, state: byHand[action], updatedAt: now }, 'updated');
}

/** Holds of the payment what is disputed now instead of what was disputed before, and keeps what is lost for good. */
export function holdDisputed(payment: Payment, before: Dispute | null, after: Dispute): Payment {
  const held = (dispute: Dispute | null) => (dispute === null || isOver(dispute) ? 0n : dispute.amountMinor);
  const lost = (dispute: Dispute | null) => (dispute?.state === 'lost' ? dispute.amountMinor : 0n);
  const disputedMinor = payment.disputedMinor + held(after) - held(before);
  const lostMinor = payment.lostMinor + lost(after) - lost(before);
  const isSame = disputedMinor === payment.disputedMinor && lostMinor === payment.lostMinor;
  return isSame ? payment : { ...payment, disputedMinor, lostMinor };
}

/** What of a lost dispute went out beyond the payment's amount, after refunds, other disputes or a bank's return. */
export function doubleRecovery(payment: Payment, lostMinor: bigint): bigint {
  const returnedMinor = payment.state === 'returned' ? payment.amountMinor : 0n;
  const excess = payment.refundedMinor + payment.lostMinor + returnedMinor + lostMinor - payment.amountMinor;
  if (excess <= 0n) return 0n;
  return excess < lostMinor ? excess : lostMinor;
}

/** Null where something of the payment is left: then it stays posted, and a person decides. */
export function loseDispute(payment: Payment, dispute: Dispute, now: Date): Decision | null {
  const isGone = payment.refundedMinor + dispute.amountMinor >= payment.amountMinor;
  if (payment.state !== 'posted' || !isGone || dispute.effectiveOn === null) return null;
  const returnedOn = dispute.effectiveOn;
  const returned = { scheme: 'card', code: 'chargeback', pejorative: false, returnedOn } as const;
  return announce({ ...move(payment, 'dispute_lost', now), returned, returnedAt: now }, 'returned');
}

function later(a: DisputeStage, b: DisputeStage): DisputeStage {
  return disputeStages.indexOf(b) > disputeStages.indexOf(a) ? b : a;
}

function differs(dispute: Dispute, { amountMinor, feeMinor, evidenceDueAt, reasonCode }: Claim): boolean {
  return (
    amountMinor !== dispute.amountMinor ||
    feeMinor !== dispute.feeMinor ||
    reasonCode !== dispute.reasonCode ||
    evidenceDueAt?.getTime() !== dispute.evidenceDueAt?.getTime()
  );
}

function say(dispute: Dispute, type: DisputeFact['type']): DisputeDecision {
  const next = { ...dispute, version: dispute.version + 1 };
  return { next, facts: [{ type, dispute: next }] };
}
