import type { CancellationRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { cancel } from './cancellation.ts';
import type { TermBook, TermCharge } from './term-book.ts';

const request: CancellationRequest = {
  ...{ type: 'cancellation', effectiveDate: '2025-01-01', reason: 'insured_request', method: 'flat' },
  ...{ minimumEarnedRate: null, charges: null },
};
const cover = {
  coverageStart: '2025-01-01',
  coverageEnd: '2026-01-01',
  offsetsChargeId: null,
  transactionType: 'issue',
};
const charge = (id: string, amountMinor: bigint, handling: string, code: string | null = null) =>
  ({ ...cover, id, amountMinor, handling, code, category: 'premium' }) as TermCharge;

/** The last quarter, of 100.00 and a fee of 3.50, after a return of 102.00 was taken off it. */
function bookOf(returned: bigint): TermBook {
  const lines = [
    { chargeId: 'premium', amountMinor: 10_000n },
    { chargeId: 'fee', amountMinor: 350n },
    { chargeId: 'return', amountMinor: -returned },
  ];
  const instalment = { id: 'i2', number: 2, source: 'plan', state: 'scheduled', dueOn: '2025-10-01', lines };
  return {
    charges: [
      charge('premium', 10_000n, 'proratable'),
      charge('fee', 350n, 'fully_earned', 'instalment_fee'),
      charge('return', -returned, 'proratable'),
    ],
    instalments: [{ ...instalment, period: { start: '2025-10-01', end: '2026-01-01' }, invoiceId: null }],
    term: { effectiveDate: '2025-01-01', expirationDate: '2026-01-01', state: 'in_force' },
    policy: { currency: 'USD' },
    today: '2025-01-01',
  } as unknown as TermBook;
}

describe('a cancelled term', () => {
  it.each([
    ['holds its fee', 2000n],
    ['holds less than its fee, for a return was taken off it', 10_200n],
  ])('has no fee for an instalment that is not to come, and that %s', (_name, returned) => {
    const { laid, credited, voided } = cancel(bookOf(returned), request, { id: 't' } as PolicyTransaction);
    const billed = laid.flatMap(({ lines }) => lines).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    expect([billed, credited, voided]).toEqual([0n, [], [{ chargeId: 'fee', amountMinor: 350n }]]);
  });
});
