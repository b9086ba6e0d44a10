import { createPayment } from './payment.ts';
import type { Payment } from './payment.ts';
import { refuseRePresentment } from './re-presentment.ts';

const now = new Date('2026-01-10T12:00:00.000Z');

function returned(effectiveOn: string, code: string, rest: Partial<Payment> = {}): Payment {
  const identity = { tenantId: 't1', id: effectiveOn, displayId: effectiveOn, channel: 'autopay' } as const;
  const { next } = createPayment({ ...identity, amountMinor: 10_000n, currency: 'USD', now }, 'ready');
  const back = { scheme: 'ach', code, pejorative: true, returnedOn: effectiveOn } as const;
  return { ...next, state: 'returned', paymentMethodId: 'm1', effectiveOn, returned: back, ...rest };
}
const refusedOn = (today: string, ...earlier: Payment[]) => refuseRePresentment(earlier, 'm1', today)?.code ?? null;

describe('S-89: an entry that came back for want of funds', () => {
  const [first, second, third] = [
    returned('2026-01-10', 'R01'),
    returned('2026-01-14', 'R01'),
    returned('2026-01-20', 'R01'),
  ] as const;

  it('is presented twice more, and not a third time', () => {
    expect(refusedOn('2026-01-14', first)).toBeNull();
    expect(refusedOn('2026-01-20', first, second)).toBeNull();
    expect(refusedOn('2026-01-25', first, second, third)).toBe('re_presentment_exhausted');
  });

  it('is presented within 180 days of the settlement of the original', () => {
    expect(refusedOn('2026-07-09', first)).toBeNull();
    expect(refusedOn('2026-07-10', first)).toBe('re_presentment_exhausted');
    expect(refusedOn('2026-07-10', first, second)).toBe('re_presentment_exhausted');
  });

  it('is no matter of another account, nor of a card', () => {
    expect(refuseRePresentment([first, second, third], 'm2', '2026-01-25')).toBeNull();
    const chargeback = { scheme: 'card', code: 'chargeback', pejorative: false, returnedOn: '2026-01-20' } as const;
    expect(refusedOn('2026-01-25', returned('2026-01-10', '', { returned: chargeback }))).toBeNull();
  });
});

it.each(['R02', 'R05', 'R07', 'R08', 'R10', 'R29', 'R99'])('%s is not presented again', (code) => {
  expect(refusedOn('2026-01-14', returned('2026-01-10', code))).toBe('re_presentment_refused');
});

it('R11 is corrected within 60 days', () => {
  expect(refusedOn('2026-03-11', returned('2026-01-10', 'R11'))).toBeNull();
  expect(refusedOn('2026-03-12', returned('2026-01-10', 'R11'))).toBe('re_presentment_exhausted');
});

it('has nothing to say where nothing came back', () => {
  expect(refusedOn('2026-01-14')).toBeNull();
  expect(refusedOn('2026-01-14', { ...returned('2026-01-10', 'R01'), state: 'declined', returned: null })).toBeNull();
});
