import { attemptKey } from './attempt.ts';
import { attemptOfKey, nextTryAt } from './notification.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const paymentId = '0199a3c4-7f1e-7b52-9c1d-3e5f60718293';

it('is tried again after 5 minutes, 1 hour and five days, then given up', () => {
  const minutes = [0, 1, 2, 6, 7].map((tries) => {
    const at = nextTryAt(tries, now, 5 * 60_000);
    return at && (at.getTime() - now.getTime()) / 60_000;
  });
  expect(minutes).toEqual([5, 60, 1440, 1440, null]);
});

it('finds the attempt behind its key', () => {
  expect(attemptOfKey(attemptKey({ paymentId, n: 12 }))).toEqual({ paymentId, n: 12 });
});

it.each(['', paymentId, `${paymentId}_0`, `${paymentId}_1x`, `x${paymentId}_1`, `${paymentId}_9999999999`, '1_1'])(
  'knows no attempt %p',
  (key) => {
    expect(attemptOfKey(key)).toBeNull();
  },
);
