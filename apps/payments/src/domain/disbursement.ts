import { DomainError, fieldError } from './errors.ts';

export const disbursementStates = [
  'draft',
  'validated',
  'approved',
  'rejected',
  'discarded',
  'executing',
  'executed',
  'failed',
  'cleared',
  'voided',
  'stale',
] as const;
export type DisbursementState = (typeof disbursementStates)[number];

export const disbursementEvents = [
  'validate',
  'approve',
  'reset',
  'reject',
  'discard',
  'execute',
  'issue',
  'fail',
  'clear',
  'void',
  'mark_stale',
] as const;
export type DisbursementEvent = (typeof disbursementEvents)[number];

/** Every allowed move, each asked for by a person, but for cheques that go stale by themselves. */
export const disbursementTransitions: Readonly<
  Record<DisbursementState, Readonly<Partial<Record<DisbursementEvent, DisbursementState>>>>
> = {
  draft: { validate: 'validated', discard: 'discarded' },
  validated: { approve: 'approved', reset: 'draft', reject: 'rejected', discard: 'discarded' },
  approved: { execute: 'executing', reset: 'draft', reject: 'rejected' },
  rejected: {},
  discarded: {},
  executing: { issue: 'executed', fail: 'failed' },
  executed: { clear: 'cleared', void: 'voided', mark_stale: 'stale' },
  failed: { execute: 'executing', reset: 'draft' },
  cleared: {},
  voided: {},
  stale: {},
};

export const payeeTypes = ['insured', 'producer', 'financer', 'mortgagee', 'third_party'] as const;
export const sourceTypes = ['unapplied', 'suspense', 'return_premium', 'refund'] as const;
export const payoutMethods = ['check', 'ach', 'original_method'] as const;
export type PayoutMethod = (typeof payoutMethods)[number];

export interface Disbursement {
  readonly tenantId: string;
  readonly id: string;
  /** The sequence of the last fact announced about this disbursement. */
  readonly version: number;
  readonly state: DisbursementState;
  /** Billing's request, or the refund and its payment: one of both. */
  readonly requestId: string | null;
  readonly refundId: string | null;
  readonly paymentId: string | null;
  readonly payeeType: (typeof payeeTypes)[number];
  readonly payeeLocator: string | null;
  readonly policyLocator: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly method: PayoutMethod;
  readonly sourceType: (typeof sourceTypes)[number];
  readonly sourceId: string | null;
  readonly reason: string | null;
  /** The cheque's number, once it is drawn. */
  readonly reference: string | null;
  /** The clients that asked, where we know one, and that approved. */
  readonly requestedBy: string | null;
  readonly approvedBy: string | null;
  readonly failureCode: string | null;
  /** The business date on which the cheque was issued. */
  readonly effectiveOn: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type DisbursementFactType = 'created' | 'approved' | 'executed' | 'failed' | 'voided' | 'cleared' | 'stale';

export interface DisbursementFact {
  readonly type: DisbursementFactType;
  readonly disbursement: Disbursement;
}

export interface DisbursementDecision {
  readonly next: Disbursement;
  readonly facts: readonly DisbursementFact[];
}

type Given = 'tenantId' | 'id' | 'payeeType' | 'amountMinor' | 'currency' | 'method' | 'sourceType' | 'createdAt';
export type NewDisbursement = Pick<Disbursement, Given> & Partial<Omit<Disbursement, 'version' | 'state'>>;

const blank = {
  requestId: null,
  refundId: null,
  paymentId: null,
  payeeLocator: null,
  policyLocator: null,
  sourceId: null,
  reason: null,
  reference: null,
  requestedBy: null,
  approvedBy: null,
  failureCode: null,
  effectiveOn: null,
} as const;

/** A draft that can be paid as it is waits for approval at once; any other waits until somebody names a way. */
export function createDisbursement(given: NewDisbursement): DisbursementDecision {
  const draft: Disbursement = { ...blank, ...given, version: 0, state: 'draft', updatedAt: given.createdAt };
  return announce(isPayable(draft.method) ? move(draft, 'validate', given.createdAt) : draft, 'created');
}

/** Cheques only: a provider gives money back to where it came from, and pays out to nobody else. */
function isPayable(method: PayoutMethod): boolean {
  return method === 'check';
}

/** What a person asks for, and what goes with it. */
export interface DisbursementOrder {
  readonly event: DisbursementEvent;
  readonly by: string;
  readonly now: Date;
  /** The tenant's date. */
  readonly on: string;
  readonly method?: PayoutMethod | undefined;
  readonly reference?: string | undefined;
  readonly failureCode?: string | undefined;
}

/**
 * What the outside is told. `disbursement.failed` is the end of it, so that nobody uses the money while we may still
 * pay it out: an execution that failed may be tried again, and says nothing yet.
 */
const facts: Readonly<Partial<Record<DisbursementEvent, DisbursementFactType>>> = {
  approve: 'approved',
  reject: 'failed',
  discard: 'failed',
  issue: 'executed',
  clear: 'cleared',
  void: 'voided',
  mark_stale: 'stale',
};

export function act(disbursement: Disbursement, order: DisbursementOrder): DisbursementDecision {
  const moved = { ...move(disbursement, order.event, order.now), ...changes(disbursement, order) };
  const type = facts[order.event];
  return type ? announce(moved, type) : { next: moved, facts: [] };
}

function changes(disbursement: Disbursement, order: DisbursementOrder): Partial<Disbursement> {
  switch (order.event) {
    case 'validate': {
      const method = order.method ?? disbursement.method;
      if (isPayable(method)) return { method };
      throw fieldError('destination_not_supported', '/method', 'money is paid out by check only');
    }
    case 'approve':
      if (disbursement.requestedBy !== order.by) return { approvedBy: order.by };
      throw new DomainError('second_person_required', 'The client that asked for the money cannot approve it.');
    case 'reset':
      return { approvedBy: null, reference: null, failureCode: null };
    case 'reject':
      return { failureCode: 'rejected' };
    case 'discard':
      return { failureCode: 'discarded' };
    case 'execute':
      return { reference: order.reference ?? null, failureCode: null };
    case 'issue':
      return { effectiveOn: order.on };
    case 'fail':
      return { failureCode: order.failureCode ?? 'not_issued' };
    case 'clear':
    case 'void':
    case 'mark_stale':
      return {};
  }
}

export function allowedDisbursementActions(state: DisbursementState): DisbursementEvent[] {
  return Object.keys(disbursementTransitions[state]) as DisbursementEvent[];
}

function move(disbursement: Disbursement, event: DisbursementEvent, now: Date): Disbursement {
  const state = disbursementTransitions[disbursement.state][event];
  if (state === undefined) {
    const detail = `A disbursement that is ${disbursement.state} does not allow ${event}.`;
    const allowedActions = allowedDisbursementActions(disbursement.state);
    throw new DomainError('invalid_transition', detail, { allowedActions });
  }
  return { ...disbursement, state, updatedAt: now };
}

function announce(disbursement: Disbursement, type: DisbursementFactType): DisbursementDecision {
  const next = { ...disbursement, version: disbursement.version + 1 };
  return { next, facts: [{ type, disbursement: next }] };
}
