import { createPayment, recordExternal } from '../domain/payment.ts';
import type { Payment } from '../domain/payment.ts';
import { requestRefund } from '../domain/refund.ts';
import { doubleRecovery } from './double-recovery.ts';

const now = new Date('2026-02-03T12:00:00.000Z');
const created = createPayment(
  { tenantId: 't1', id: 'p1', displayId: 'P-1', amountMinor: 10_000n, currency: 'USD', channel: 'api', now },
  'ready',
);
const posted = recordExternal(created.next, '2026-01-15', now).next;
const { refund } = requestRefund(posted, {
  ...{ id: 'r1', amountMinor: 6_000n, reason: 'asked', destination: null, requestedBy: 'client' },
  ...{ approvalAboveMinor: null, now },
});
const excessOf = (payment: Partial<Payment>) =>
  doubleRecovery({ refund, payment: { ...posted, refundedMinor: 6_000n, ...payment } })?.amount?.minor;

// A dispute was lost while the refund was under way: both took money, and somebody has to know how much too much.
it('tells of a refund that left together with what a dispute took', () => {
  expect(excessOf({})).toBeUndefined();
  expect(excessOf({ lostMinor: 4_000n })).toBeUndefined();
  expect(excessOf({ lostMinor: 5_000n })).toBe(1_000n);
  expect(excessOf({ lostMinor: 10_000n })).toBe(6_000n);
});

it('tells of a refund of what had been taken back as a whole', () => {
  expect(excessOf({ state: 'returned' })).toBe(6_000n);
  expect(excessOf({ state: 'reversed' })).toBe(6_000n);
});
