import fc from 'fast-check';
import { DomainError } from './errors.ts';
import { instalmentStates } from './instalment.ts';
import type { InstalmentState } from './instalment.ts';
import { acceptReports, isOpenInstalment, nextToCollect } from './partner-collection.ts';
import type { CollectionReport } from './partner-collection.ts';

const instalment = (
  number: number,
  state: InstalmentState = 'scheduled',
  balanceMinor = state === 'paid' ? 0n : 750n,
) => ({
  ...{ id: `i${number}`, number, state, balanceMinor },
});
const year = (paid: number) => Array.from({ length: 12 }, (_, n) => instalment(n + 1, n < paid ? 'paid' : 'scheduled'));
const report = (number: number, said: Partial<CollectionReport> = {}): CollectionReport => ({
  ...{ quoteId: 'q', instalmentId: `i${number}`, instalmentNumber: number, outcome: 'paid', ...said },
});
const accept = (paid: number, ...reports: CollectionReport[]) =>
  acceptReports([{ id: 'q', instalments: year(paid) }], reports);

function refusal(work: () => unknown): { code: string; errors: unknown } {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, errors: error.context.errors };
    throw error;
  }
  throw new Error('was taken');
}

it('takes the next unpaid instalment, due or not, paid or failed', () => {
  expect(accept(0, report(1)).map(({ instalment: { number } }) => number)).toEqual([1]);
  expect(accept(3, report(4, { outcome: 'failed' }))[0]?.instalment.number).toBe(4);
  expect(accept(0, report(1, { instalmentNumber: null }))).toHaveLength(1);
});

it('takes several of a quote in their order, and a failed one does not stand for a paid one', () => {
  expect(accept(0, report(1), report(2), report(3))).toHaveLength(3);
  expect(accept(0, report(1, { outcome: 'failed' }), report(1))).toHaveLength(2);
  expect(refusal(() => accept(0, report(1, { outcome: 'failed' }), report(2))).code).toBe('instalment_not_next');
  expect(refusal(() => accept(0, report(2), report(1))).code).toBe('instalment_not_next');
  expect(refusal(() => accept(0, report(1), report(1))).errors).toEqual([
    { pointer: '/quotes/1/instalment_id', detail: expect.stringContaining('confirmed already') as string },
  ]);
});

it('refuses the number 0 that the document prints, and every other wrong place, all at once', () => {
  const wrong = [
    report(1, { instalmentNumber: 0 }),
    report(1, { instalmentNumber: 2 }),
    report(1, { instalmentId: 'i13' }),
    report(1, { quoteId: 'another' }),
  ];
  const { code, errors } = refusal(() => accept(0, ...wrong));
  expect(code).toBe('unknown_instalment');
  expect((errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual([
    '/quotes/0/instalment_number',
    '/quotes/1/instalment_number',
    '/quotes/2/instalment_id',
    '/quotes/3/id',
  ]);
});

it("does not take one quote's instalment for another quote's", () => {
  const quotes = [
    { id: 'q', instalments: year(0) },
    { id: 'r', instalments: year(0).map((each) => ({ ...each, id: `r${each.number}` })) },
  ];
  expect(acceptReports(quotes, [report(1), report(1, { quoteId: 'r', instalmentId: 'r1' })])).toHaveLength(2);
  expect(refusal(() => acceptReports(quotes, [report(1, { quoteId: 'r' })])).code).toBe('unknown_instalment');
});

it.each([
  [1, 'confirmed already'],
  [3, 'before instalment 2'],
])('refuses instalment %d when the first is paid', (number, detail) => {
  const { code, errors } = refusal(() => accept(1, report(number)));
  expect(code).toBe('instalment_not_next');
  expect(errors).toEqual([{ pointer: '/quotes/0/instalment_id', detail: expect.stringContaining(detail) as string }]);
});

it.each(instalmentStates)('an instalment that is %s', (state) => {
  const isOpen = ['scheduled', 'billed', 'partially_paid'].includes(state);
  expect(isOpenInstalment(instalment(1, state, 1n))).toBe(isOpen);
  expect(isOpenInstalment(instalment(1, state, 0n))).toBe(false);
  expect(nextToCollect([instalment(1, state, 1n)])?.number).toBe(isOpen ? 1 : undefined);
});

it('confirms each instalment once, in order, whatever is reported', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 20 }), (said) => {
      let instalments = year(0).slice(0, 5);
      const paid: number[] = [];
      for (const [number, isPaid] of said) {
        try {
          acceptReports([{ id: 'q', instalments }], [report(number, { outcome: isPaid ? 'paid' : 'failed' })]);
        } catch {
          continue;
        }
        if (!isPaid) continue;
        paid.push(number);
        instalments = instalments.map((each) => (each.number === number ? instalment(number, 'paid') : each));
      }
      expect(paid).toEqual(paid.map((_, n) => n + 1));
    }),
  );
});
