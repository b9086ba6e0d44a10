import fc from 'fast-check';
import {
  checkPeriod,
  figuresOf,
  lineSigns,
  monthBefore,
  moveStatement,
  statementDisplayIdOf,
  statementEvents,
  statementLineKinds,
  statementStates,
  unstatedLines,
} from './statement.ts';
import type { StatementLine, StatementLineKind } from './statement.ts';

const line = (kind: StatementLineKind, amountMinor: bigint, on = '2025-02-10', sourceId = 'x'): StatementLine => ({
  ...{ kind, sourceType: 'invoice', sourceId, policyLocator: null, on, amountMinor },
});

describe('the states of a statement', () => {
  const allowed = new Map([
    ['open close', 'closed'],
    ['closed issue', 'issued'],
    ['issued supersede', 'superseded'],
  ]);
  const pairs = statementStates.flatMap((state) => statementEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    const next = allowed.get(`${state} ${event}`);
    if (next) expect(moveStatement(state, event)).toBe(next);
    else expect(() => moveStatement(state, event)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });
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
  it('are what no statement has told yet, the oldest first', () => {
    const facts = [
      { ...line('payment', 100n, '2025-02-03', 'part told'), statedMinor: 40n },
      { ...line('charge', 100n, '2025-02-01', 'told'), statedMinor: 100n },
      { ...line('charge', 300n, '2025-01-01', 'late'), statedMinor: 0n },
    ];
    expect(unstatedLines(facts)).toEqual([
      line('charge', 300n, '2025-01-01', 'late'),
      line('payment', 60n, '2025-02-03', 'part told'),
    ]);
  });

  it('one is taken back where its fact is gone', () => {
    expect(unstatedLines([{ ...line('credit', 0n), statedMinor: 100n }])).toEqual([line('credit', -100n)]);
  });

  it('the chain ends at the sum of all facts, whenever they became known, and each is on one statement', () => {
    const fact = fc.record({
      kind: fc.constantFrom(...statementLineKinds),
      amountMinor: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      knownIn: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 30 }), (known) => {
        const all = known.map(({ kind, amountMinor }, i) => line(kind, amountMinor, '2025-01-01', String(i)));
        const stated = new Map<string, bigint>();
        let opening = 0n;
        for (let period = 0; period <= 5; period++) {
          const facts = all.filter((_, i) => known[i]!.knownIn <= period);
          const lines = unstatedLines(facts.map((f) => ({ ...f, statedMinor: stated.get(f.sourceId) ?? 0n })));
          for (const { sourceId, amountMinor } of lines) {
            expect(stated.has(sourceId)).toBe(false);
            stated.set(sourceId, amountMinor);
          }
          opening = figuresOf(opening, lines).closingMinor;
        }
        expect(opening).toBe(all.reduce((sum, { kind, amountMinor }) => sum + lineSigns[kind] * amountMinor, 0n));
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
