import { newId } from '@quittance/service-kit/id';
import { isGone, judge } from '../domain/delivery.ts';
import type { Job, Settlement } from './job.ts';
import { unanswered } from './webhook.client.ts';

export type Made = Pick<Settlement, 'job' | 'reply' | 'epoch' | 'possibleDuplicate'>;

/** What becomes of a delivery by the answer to an attempt. */
export function settlementOf(made: Made, schedule: readonly number[], now: Date): Settlement {
  const { job, reply } = made;
  const n = job.attempt + 1;
  const verdict = judge({ reply, attempt: n - (job.triedBefore ?? 0), schedule, now, random: Math.random() });
  const outcome = isGone(reply) ? 'not_sent' : verdict.result === 'delivered' ? 'succeeded' : 'failed';
  return { ...made, attemptId: newId(), n, outcome, verdict };
}

/** It is too old for another attempt, and its endpoint takes none. */
export function givenUp(job: Job, epoch: string): Settlement {
  const verdict = { result: 'exhausted' as const, dueAt: null, disable: null, holdUntil: null };
  const reply = unanswered('breaker_open');
  const made = { job, reply, epoch, possibleDuplicate: false };
  return { ...made, attemptId: newId(), n: job.attempt + 1, outcome: 'not_sent', verdict };
}
