import type { Answer } from './breaker.ts';
import type { Reply, Verdict } from './delivery.ts';
import type { Load } from './receiver-cap.ts';

/** What an answer tells of its receiver. */
export interface Signal {
  readonly answer: Answer;
  readonly load: Load;
}

/** It was never asked: that is no fault of the receiver. */
const unsent = ['message_expired', 'not_renderable'];

/**
 * A receiver that asks for a pause, switches itself off or refuses one message is well: such an answer is no failure to
 * the breaker. 429, 503 and no answer in time mean that it was sent too much at once.
 */
export function signalOf(reply: Reply, verdict: Verdict): Signal {
  if (verdict.result === 'delivered') return { answer: 'good', load: 'good' };
  const strained = reply.status === 429 || reply.status === 503 || reply.error === 'timeout';
  if (reply.error !== null && unsent.includes(reply.error)) return { answer: 'none', load: 'none' };
  const isWish = verdict.holdUntil !== null || verdict.disable !== null || verdict.result === 'aborted';
  return { answer: isWish ? 'none' : 'bad', load: strained ? 'strained' : 'none' };
}
