import type { ChargeLine } from '../domain/recut.ts';
import type { CancellationRequest } from '../domain/transaction.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { cancel } from './cancellation.ts';
import type { TermBook, TermCharge } from './term-book.ts';

const request: CancellationRequest = {
  ...{ type: 'cancellation', effectiveDate: '2025-01-01', reason: 'insured_request', method: 'flat' },
  ...{ minimumEarnedRate: null, charges: null },
};
const head = { id: 't' } as PolicyTransaction;
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
    const { laid, credited, voided } = cancel(bookOf(returned), request, head);
    const billed = laid.flatMap(({ lines }) => lines).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    expect([billed, credited, voided]).toEqual([0n, [], [{ chargeId: 'fee', amountMinor: 350n }]]);
  });

  it('credits what a return took off beyond the rest of an instalment, and leaves no line of its fee', () => {
    const book = bookOf(10_200n);
    const proRata = { ...request, effectiveDate: '2025-07-02', method: 'pro_rata' } as CancellationRequest;
    // The return was of cover that is over: it stands, whatever comes back of the premium.
    const charges = book.charges.map((each) => (each.id === 'return' ? { ...each, handling: 'fully_earned' } : each));
    const { laid, credited, voided } = cancel({ ...book, charges } as TermBook, proRata, head);
    const lines = laid.flatMap((each) => each.lines);
    const sum = (of: readonly ChargeLine[]) => of.reduce((total, { amountMinor }) => total + amountMinor, 0n);
    // 182 of 365 days are earned: 49.86 of 100.00. Of the return of 102.00 that is, with 350 of fee gone, owed back.
    expect(sum(credited)).toBe(4986n - 10_200n);
    expect(sum(lines)).toBe(0n);
    expect([...lines, ...credited].filter(({ chargeId }) => chargeId === 'fee')).toEqual([]);
    expect(voided).toEqual([{ chargeId: 'fee', amountMinor: 350n }]);
  });
});
