import { getPlan } from '../domain/plan.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { payByPlan } from './plan-change.ts';
import type { BookedInstalment, TermBook, TermCharge } from './term-book.ts';

describe('a change of plan', () => {
  it('credits what its old fees had kept from being given back', () => {
    // Ten of premium and three of fees, of which twelve were taken off by a return.
    const lines = [
      { chargeId: 'premium', amountMinor: 1000n },
      { chargeId: 'fee', amountMinor: 300n },
      { chargeId: 'return', amountMinor: -1200n },
    ];
    const period = { start: '2025-01-01', end: '2026-01-01' };
    const instalment: BookedInstalment = {
      ...{
        id: 'i1',
        number: 1,
        source: 'plan',
        state: 'scheduled',
        dueOn: '2025-01-01',
        period,
        lines,
        invoiceId: null,
        generateAt: new Date('2025-01-01T00:00:00Z'),
        autopayOn: null,
      },
    };
    const book = {
      instalments: [instalment],
      charges: [{ id: 'fee', code: 'instalment_fee' } as TermCharge],
      term: { effectiveDate: period.start, expirationDate: period.end, state: 'in_force', plan: 'full-pay' },
      ...{ policy: { currency: 'USD' }, schedule: { id: 's' } },
    } as unknown as TermBook;
    const request = { type: 'plan_change', plan: '1year-quarterly', scope: 'planned' } as const;
    const change = payByPlan(book, request, { id: 't' } as PolicyTransaction, getPlan('1year-quarterly'));
    const amounts = change.laid.map((each) => each.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n));
    expect(amounts).toEqual([0n, 0n, 0n, 0n]);
    expect(change.credited).toEqual([{ chargeId: 'return', amountMinor: -200n }]);
    expect(change.voided).toEqual([{ chargeId: 'fee', amountMinor: 300n }]);
  });
});
