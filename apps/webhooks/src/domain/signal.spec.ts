import { judge } from './delivery.ts';
import type { Reply } from './delivery.ts';
import { signalOf } from './signal.ts';
import { defaultSchedule } from './retry.ts';

const nothing: Reply = { status: null, error: null, retryAfter: null, instruction: null };
const now = new Date('2026-03-01T12:00:00.000Z');

it.each<[Partial<Reply>, string, string]>([
  [{ status: 200 }, 'good', 'good'],
  [{ status: 500 }, 'bad', 'none'],
  [{ status: 404 }, 'bad', 'none'],
  [{ error: 'connection_refused' }, 'bad', 'none'],
  [{ error: 'timeout' }, 'bad', 'strained'],
  [{ error: 'not_renderable' }, 'none', 'none'],
  [{ error: 'message_expired' }, 'none', 'none'],
  [{ status: 429 }, 'bad', 'strained'],
  [{ status: 503 }, 'bad', 'strained'],
  [{ status: 429, retryAfter: '60' }, 'none', 'strained'],
  [{ status: 410 }, 'none', 'none'],
  [{ status: 500, instruction: 'abort-message' }, 'none', 'none'],
])('%j: %s to the breaker, %s to the cap', (over, answer, load) => {
  const reply = { ...nothing, ...over };
  const verdict = judge({ reply, attempt: 1, schedule: defaultSchedule, now, random: 0 });
  expect(signalOf(reply, verdict)).toEqual({ answer, load });
});
