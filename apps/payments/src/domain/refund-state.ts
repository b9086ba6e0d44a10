import { DomainError } from './errors.ts';

export const refundStates = [
  'requested',
  'pending_approval',
  'approved',
  'rejected',
  'processing',
  'unknown',
  'succeeded',
  'failed',
  'cancelled',
  'converted',
] as const;
export type RefundState = (typeof refundStates)[number];

export const refundEvents = [
  'hold',
  'approve',
  'reject',
  'cancel',
  'submit',
  'pay_by_check',
  'succeed',
  'fail',
  'wait',
  'lose_track',
  'retry',
  'convert',
] as const;
export type RefundEvent = (typeof refundEvents)[number];

/**
 * Every allowed move; what is not here is refused. Only a provider's word ends what it was asked for: nothing leads out
 * of `unknown` by the passing of time. A cheque is a disbursement of its own, so `converted` ends here unless it comes
 * to nothing.
 */
export const refundTransitions: Readonly<Record<RefundState, Readonly<Partial<Record<RefundEvent, RefundState>>>>> = {
  requested: {
    hold: 'pending_approval',
    submit: 'processing',
    pay_by_check: 'converted',
    cancel: 'cancelled',
    fail: 'failed',
  },
  pending_approval: { approve: 'approved', reject: 'rejected', cancel: 'cancelled' },
  approved: { submit: 'processing', pay_by_check: 'converted', fail: 'failed' },
  rejected: {},
  processing: { wait: 'processing', succeed: 'succeeded', fail: 'failed', lose_track: 'unknown' },
  unknown: { wait: 'processing', succeed: 'succeeded', fail: 'failed', lose_track: 'unknown' },
  succeeded: {},
  failed: { retry: 'processing', convert: 'converted' },
  cancelled: {},
  converted: { fail: 'failed' },
};

/** What a person may ask for. */
const actions = ['approve', 'reject', 'cancel', 'retry', 'convert'] as const satisfies readonly RefundEvent[];
export type RefundAction = (typeof actions)[number];

export function allowedRefundActions(state: RefundState): RefundAction[] {
  return actions.filter((action) => refundTransitions[state][action] !== undefined);
}

export function moveRefund<R extends { readonly state: RefundState }>(refund: R, event: RefundEvent): R {
  const state = refundTransitions[refund.state][event];
  if (state === undefined) {
    throw new DomainError('invalid_transition', `A refund that is ${refund.state} does not allow ${event}.`, {
      allowedActions: allowedRefundActions(refund.state),
    });
  }
  return { ...refund, state };
}

export const shownRefundStates = [
  'pending_approval',
  'processing',
  'succeeded',
  'failed',
  'unknown',
  'cancelled',
] as const;
export type ShownRefundState = (typeof shownRefundStates)[number];

/** The outside sees six states; a cheque is on its way until it has been issued. */
export function shownRefundState({ state, finishedAt }: { state: RefundState; finishedAt: Date | null }) {
  switch (state) {
    case 'requested':
    case 'approved':
      return 'processing';
    case 'rejected':
      return 'cancelled';
    case 'converted':
      return finishedAt ? 'succeeded' : 'processing';
    default:
      return state satisfies ShownRefundState;
  }
}
