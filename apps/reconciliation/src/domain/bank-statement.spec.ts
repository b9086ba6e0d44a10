import fc from 'fast-check';
import { noReferences, tieOut } from './bank-statement.ts';
import type { BankLine, BankStatement } from './bank-statement.ts';

const line = (amount: bigint, more: Partial<BankLine> = {}): BankLine => ({
  ...{ amount, currency: 'EUR', bookedOn: '2026-03-01', valueOn: null, references: noReferences, typeCode: null },
  ...{ text: '', reversal: false, pending: false, parent: null, trn02: null, trn03: null },
  ...more,
});
const statement = (opening: bigint | null, closing: bigint | null, ...lines: BankLine[]): BankStatement => ({
  ...{ kind: 'statement', account: { number: 'A', bank: null }, sequence: null, reference: null, from: null },
  ...{ to: '2026-03-01', currency: 'EUR', opening, closing, lines, faults: [], warnings: [] },
});

describe('a statement', () => {
  it.each<[string, BankStatement, string, bigint]>([
    ['that adds up is balanced', statement(100n, 130n, line(50n), line(-20n)), 'balanced', 30n],
    ['that does not is unbalanced', statement(100n, 131n, line(50n), line(-20n)), 'unbalanced', 30n],
    ['without an opening is unproven', statement(null, 130n, line(50n)), 'unproven', 50n],
    ['without a closing is unproven', statement(100n, null, line(50n)), 'unproven', 50n],
    ['leaves out what is pending', statement(0n, 50n, line(50n), line(7n, { pending: true })), 'balanced', 50n],
    [
      'counts a batch once',
      statement(0n, 50n, line(50n), line(20n, { parent: 0 }), line(30n, { parent: 0 })),
      'balanced',
      50n,
    ],
    [
      'whose batch is not its parts is unbalanced',
      statement(0n, 50n, line(50n), line(20n, { parent: 0 })),
      'unbalanced',
      50n,
    ],
    [
      'does not judge parts in a currency of their own',
      statement(0n, 50n, line(50n), line(9n, { parent: 0, currency: 'SEK' })),
      'balanced',
      50n,
    ],
    [
      'with a line in another currency is unbalanced',
      statement(null, null, line(5n, { currency: 'SEK' })),
      'unbalanced',
      5n,
    ],
    ['with a fault of its reader is unbalanced', { ...statement(0n, 5n, line(5n)), faults: ['x'] }, 'unbalanced', 5n],
  ])('%s', (_, said, state, movement) => {
    expect(tieOut(said)).toMatchObject({ state, movement });
  });

  it('is balanced with its own closing, in whatever order the lines are, and with no other', () => {
    const amounts = fc.array(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), { maxLength: 20 });
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 1n, max: 100n }), (list, off) => {
        const closing = list.reduce((sum, amount) => sum + amount, 7n);
        const lines = list.toReversed().map((amount) => line(amount));
        expect(tieOut(statement(7n, closing, ...lines)).state).toBe('balanced');
        expect(tieOut(statement(7n, closing + off, ...lines)).state).toBe('unbalanced');
      }),
      { numRuns: 100 },
    );
  });
});
