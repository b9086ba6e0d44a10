import { nextAttemptAt, retryAfterMs } from './retry.ts';

/** A delivery is open until an attempt, or the removal of its endpoint, gives it one of these results. */
export type DeliveryResult = 'delivered' | 'exhausted' | 'aborted';
export type DeliveryState = 'pending' | 'paused' | DeliveryResult;

/** What came back from one request. `status` null: no answer, `error` says why. */
export interface Reply {
  readonly status: number | null;
  readonly error: string | null;
  readonly retryAfter: string | null;
  /** The header `webhook-delivery`: `disable` or `abort-message`. */
  readonly instruction: string | null;
}

export interface Verdict {
  /** null: the delivery stays open and is tried again at `dueAt`. */
  readonly result: DeliveryResult | null;
  readonly dueAt: Date | null;
  readonly disable: string | null;
  readonly holdUntil: Date | null;
}

export interface JudgeInput {
  readonly reply: Reply;
  /** The number of this attempt, from 1. */
  readonly attempt: number;
  readonly schedule: readonly number[];
  readonly now: Date;
  readonly random: number;
}

/**
 * 2xx is success and nothing else is. 410 and `webhook-delivery: disable` switch the endpoint off; the delivery itself
 * stays open, so that switching the endpoint on again loses nothing.
 */
export function judge(input: JudgeInput): Verdict {
  const { reply, attempt, now } = input;
  if (isGone(reply)) return { result: 'aborted', dueAt: null, disable: null, holdUntil: null };
  const disable = disableReason(reply);
  if (reply.status !== null && reply.status >= 200 && reply.status < 300) {
    return { result: 'delivered', dueAt: null, disable, holdUntil: null };
  }
  if (reply.instruction === 'abort-message') return { result: 'aborted', dueAt: null, disable, holdUntil: null };
  const hint = retryAfterMs(reply.retryAfter, now);
  const dueAt = nextAttemptAt({ ...input, attempts: attempt, retryAfterMs: hint });
  const busy = reply.status === 429 || reply.status === 503;
  const holdUntil = busy && hint > 0 ? new Date(now.getTime() + hint) : null;
  return { result: dueAt === null ? 'exhausted' : null, dueAt, disable, holdUntil };
}

/** There is nothing to send any more, and there never will be: nothing was sent either. */
export function isGone({ error }: Pick<Reply, 'error'>): boolean {
  return error === 'message_expired' || error === 'message_unreadable' || error === 'erased';
}

function disableReason(reply: Reply): string | null {
  if (reply.status === 410) return 'gone';
  return reply.instruction === 'disable' ? 'requested_by_receiver' : null;
}
