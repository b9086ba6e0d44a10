import fc from 'fast-check';
import { checkPeriod, figuresOf, lineSigns, monthBefore, statementDisplayIdOf, unstatedLines } from './statement.ts';
import type { StatementFact, StatementLine, StatementLineKind } from './statement.ts';

const line = (kind: StatementLineKind, amountMinor: bigint, on = '2025-02-10', sourceId = 'x'): StatementLine => ({
  ...{ kind, sourceType: 'invoice', sourceId, policyLocator: null, on, amountMinor },
});

describe('the figures of a statement', () => {
  it('S-119: opening 100.00, charges 25.67, NSF fee 25.00, payment 100.00 close at 50.67, the next opening', () => {
    const lines = [line('charge', 2567n), line('fee', 2500n), line('payment', 10_000n)];
    const { closingMinor, sums } = figuresOf(10_000n, lines);
    expect(closingMinor).toBe(5067n);
    expect(sums).toMatchObject({ charge: 2567n, fee: 2500n, payment: 10_000n, returned_payment: 0n });
    expect(figuresOf(closingMinor, []).closingMinor).toBe(5067n);
  });

  it.each<[StatementLineKind, bigint]>([
    ['charge', 110n],
    ['fee', 110n],
    ['payment', 90n],
    ['credit', 90n],
    ['refund', 110n],
    ['returned_payment', 110n],
    ['return_premium', 90n],
  ])('a line of kind %s makes 1.00 into %s', (kind, closing) => {
    expect(figuresOf(100n, [line(kind, 10n)]).closingMinor).toBe(closing);
  });
});

describe('the lines of a statement', () => {
  const fact = (sourceId: string, effectMinor: bigint, statedMinor: bigint, on = '2025-02-01'): StatementFact => ({
    ...{ sourceType: 'payment', sourceId, policyLocator: null, on, effectMinor, statedMinor },
    ...{ more: 'returned_payment', less: 'payment' },
  });
  const lineOf = (
    kind: StatementLineKind,
    amountMinor: bigint,
    sourceId: string,
    on = '2025-02-01',
  ): StatementLine => ({
    ...{ kind, sourceType: 'payment', sourceId, policyLocator: null, on, amountMinor },
  });

  it('are what no statement has told yet, the oldest first', () => {
    const facts = [
      fact('part told', -100n, -40n, '2025-02-03'),
      fact('told', -100n, -100n),
      fact('late', -300n, 0n, '2025-01-01'),
    ];
    expect(unstatedLines(facts)).toEqual([
      lineOf('payment', 300n, 'late', '2025-01-01'),
      lineOf('payment', 60n, 'part told', '2025-02-03'),
    ]);
  });

  it('take back what was told and is not so any more', () => {
    expect(unstatedLines([fact('x', 0n, -100n)])).toEqual([lineOf('returned_payment', 100n, 'x')]);
  });

  it('make a chain that ends at the sum of all facts, whenever they became known, and tells each once', () => {
    const known = fc.record({ effectMinor: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), knownIn: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(known, { maxLength: 30 }), (all) => {
        const stated = new Map<string, bigint>();
        let opening = 0n;
        for (let period = 0; period <= 5; period++) {
          const facts = all.map(({ effectMinor, knownIn }, i) =>
            fact(String(i), knownIn <= period ? effectMinor : 0n, stated.get(String(i)) ?? 0n),
          );
          const lines = unstatedLines(facts);
          for (const { sourceId, kind, amountMinor } of lines) {
            expect(amountMinor > 0n && !stated.has(sourceId)).toBe(true);
            stated.set(sourceId, lineSigns[kind] * amountMinor);
          }
          const { openingMinor, closingMinor } = figuresOf(opening, lines);
          expect(openingMinor).toBe(opening);
          opening = closingMinor;
        }
        expect(opening).toBe(all.reduce((sum, { effectMinor }) => sum + effectMinor, 0n));
      }),
    );
  });
});

describe('the period of a statement', () => {
  const period = (start: string, end: string) => ({ start, end });
  const january = period('2025-01-01', '2025-02-01');

  it('follows the last one, or is it again', () => {
    expect(checkPeriod(january, null, '2025-02-01')).toBe('next');
    expect(checkPeriod(period('2025-02-01', '2025-02-15'), january, '2025-02-15')).toBe('next');
    expect(checkPeriod(january, january, '2025-03-01')).toBe('again');
  });

  it.each([
    ['is empty', period('2025-02-01', '2025-02-01'), null, '/periodEnd'],
    ['is not over', period('2025-02-01', '2025-03-02'), january, '/periodEnd'],
    ['leaves days out', period('2025-02-02', '2025-03-01'), january, '/periodStart'],
    ['overlaps', period('2025-01-15', '2025-03-01'), january, '/periodStart'],
    ['was followed by another', period('2024-12-01', '2025-01-01'), january, '/periodStart'],
  ])('is refused when it %s', (_name, wanted, last, pointer) => {
    expect(() => checkPeriod(wanted, last, '2025-03-01')).toThrow(
      expect.objectContaining({
        code: 'statement_refused',
        context: { errors: [expect.objectContaining({ pointer })] },
      }),
    );
  });

  it.each([
    ['2025-03-01', '2025-02-01', '2025-03-01'],
    ['2025-03-31', '2025-02-01', '2025-03-01'],
    ['2025-01-15', '2024-12-01', '2025-01-01'],
  ])('on %s the month before is %s to %s', (today, start, end) => {
    expect(monthBefore(today)).toEqual({ start, end });
  });
});

it('is shown with a number of at least six digits', () => {
  expect(statementDisplayIdOf(7n)).toBe('S-000007');
});
