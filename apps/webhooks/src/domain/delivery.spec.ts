import { judge } from './delivery.ts';
import type { Reply } from './delivery.ts';
import { defaultSchedule } from './retry.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const reply = (over: Partial<Reply>): Reply => ({
  status: 500,
  error: null,
  retryAfter: null,
  instruction: null,
  ...over,
});
const judged = (over: Partial<Reply>, attempt = 1) =>
  judge({ reply: reply(over), attempt, schedule: defaultSchedule, now, random: 0 });
const after = (ms: number) => new Date(now.getTime() + ms);

describe('judge', () => {
  it.each([200, 201, 204, 299])('%d is delivered', (status) => {
    expect(judged({ status })).toEqual({ result: 'delivered', dueAt: null, disable: null, holdUntil: null });
  });

  it.each([100, 199, 300, 301, 302, 304, 400, 401, 404, 408, 422, 500, 502, 504])('%d is tried again', (status) => {
    expect(judged({ status })).toEqual({ result: null, dueAt: after(5_000), disable: null, holdUntil: null });
  });

  it('no answer at all is tried again', () => {
    expect(judged({ status: null, error: 'timeout' }).dueAt).toEqual(after(5_000));
  });

  it.each(['message_expired', 'message_unreadable', 'erased'])('%s: nothing can be sent, now or later', (error) => {
    expect(judged({ status: null, error })).toEqual({ result: 'aborted', dueAt: null, disable: null, holdUntil: null });
  });

  it('the tenth failure is exhausted, and so is one by hand after it', () => {
    expect(judged({}, 9)).toMatchObject({ result: null, dueAt: after(24 * 3_600_000) });
    expect(judged({}, 10)).toMatchObject({ result: 'exhausted', dueAt: null });
    expect(judged({}, 11)).toMatchObject({ result: 'exhausted', dueAt: null });
  });

  it('410 and the disable header switch the endpoint off and keep the delivery', () => {
    expect(judged({ status: 410 })).toMatchObject({ result: null, disable: 'gone' });
    expect(judged({ status: 500, instruction: 'disable' })).toMatchObject({ disable: 'requested_by_receiver' });
    expect(judged({ status: 200, instruction: 'disable' })).toMatchObject({
      result: 'delivered',
      disable: 'requested_by_receiver',
    });
  });

  it('abort-message ends this delivery only', () => {
    expect(judged({ status: 500, instruction: 'abort-message' })).toMatchObject({ result: 'aborted', disable: null });
  });

  it.each([429, 503])('%d with Retry-After holds the whole endpoint for as long as it asks', (status) => {
    expect(judged({ status, retryAfter: '600' })).toMatchObject({ dueAt: after(600_000), holdUntil: after(600_000) });
    expect(judged({ status }).holdUntil).toBeNull();
  });

  it('Retry-After on another failure delays this delivery only', () => {
    expect(judged({ status: 500, retryAfter: '600' })).toMatchObject({ dueAt: after(600_000), holdUntil: null });
    expect(judged({ status: 500, retryAfter: '1' }).dueAt).toEqual(after(5_000));
  });
});
