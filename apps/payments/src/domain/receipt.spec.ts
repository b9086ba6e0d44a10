import { createPayment, recordExternal, reverse } from './payment.ts';
import type { Payment } from './payment.ts';
import { issueReceipt, standingOf } from './receipt.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const ready = createPayment(
  {
    tenantId: '0199a3c4-0000-7000-8000-000000000001',
    id: '0199a3c4-0000-7000-8000-000000000002',
    displayId: 'P-1',
    amountMinor: 2567n,
    currency: 'USD',
    channel: 'api',
    policyLocator: 'pol-1',
    now,
  },
  'ready',
).next;
const posted = recordExternal(ready, '2026-01-14', now).next;
const id = '019a9fdc-8a00-7abc-8def-0123456789ab';

describe('a receipt', () => {
  it('says what was received, when and for what', () => {
    expect(issueReceipt(posted, id)).toEqual({
      ...{ tenantId: posted.tenantId, id, paymentId: posted.id, amountMinor: 2567n, currency: 'USD' },
      ...{ policyLocator: 'pol-1', policyholderLocator: null, paidOn: '2026-01-14', issuedAt: now },
      number: expect.stringMatching(/^R(-[0-9A-HJKMNP-TV-Z]{5}){3}$/) as string,
    });
  });

  it('is never given for money that was not received', () => {
    expect(() => issueReceipt(ready, id)).toThrow(RangeError);
  });

  const reversal = { id, reason: 'misapplied', pejorative: false, executedOn: '2026-01-16', name: null, details: null };
  it.each<[string, Payment]>([
    ['paid', posted],
    ['partially_refunded', { ...posted, refundedMinor: 1n }],
    ['refunded', { ...posted, refundedMinor: 2567n }],
    ['returned', { ...posted, state: 'returned' }],
    ['reversed', reverse(posted, { ...reversal, reason: 'misapplied' }, now).next],
  ])('stands as %s', (standing, payment) => {
    expect(standingOf(payment)).toBe(standing);
  });
});
