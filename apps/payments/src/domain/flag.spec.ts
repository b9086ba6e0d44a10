import { resolutions, resolveFlag } from './flag.ts';
import type { RaisedFlag, Resolution } from './flag.ts';
import { flagReasons } from './payment.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const open: RaisedFlag = {
  ...{ tenantId: 't1', id: 'f1', paymentId: 'p1', reason: 'amount_mismatch', amountMinor: 1_000n, currency: 'USD' },
  ...{ detail: null, openedAt: now, resolvedAt: null, resolution: null, resolvedBy: null },
};
const resolve = (flag: RaisedFlag, resolution: Resolution) => resolveFlag(flag, { resolution, resolvedBy: 'ann' }, now);

it.each(flagReasons)('%s is closed by a look', (reason) => {
  expect(resolve({ ...open, reason }, 'reviewed')).toMatchObject({
    ...{ resolution: 'reviewed', resolvedBy: 'ann', resolvedAt: now },
  });
});

it.each(flagReasons.filter((reason) => reason !== 'amount_mismatch'))('%s has no confirmed amount', (reason) => {
  expect(() => resolve({ ...open, reason }, 'accept_confirmed')).toThrow('amount_mismatch');
});

it('takes the amount that was confirmed', () => {
  expect(resolve(open, 'accept_confirmed').resolution).toBe('accept_confirmed');
});

it.each(resolutions)('is resolved once: %s', (resolution) => {
  expect(() => resolve(resolve(open, 'reviewed'), resolution)).toThrow('The flag is resolved');
});
