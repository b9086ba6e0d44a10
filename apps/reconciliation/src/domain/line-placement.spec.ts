import fc from 'fast-check';
import { noReferences } from './bank-statement.ts';
import type { BankLine, StatementKind } from './bank-statement.ts';
import { keyTextOf, place } from './line-placement.ts';
import type { KnownLine } from './line-placement.ts';

const line = (text: string, more: Partial<BankLine> = {}): BankLine => ({
  ...{ amount: 100n, currency: 'EUR', bookedOn: '2026-03-01', valueOn: null, references: noReferences, typeCode: null },
  ...{ text, reversal: false, pending: false, parent: null, trn02: null, trn03: null },
  ...more,
});
const bank = (reference: string) => ({ references: { ...noReferences, bank: reference } });

interface Saying {
  kind?: StatementKind;
  continues?: boolean;
  file?: string;
}

/** An account that stores what it is told, as the service does. */
class Account {
  readonly lines: KnownLine[] = [];

  say(lines: readonly BankLine[], { kind = 'statement', continues = false, file = 'other' }: Saying = {}): number {
    const keys = lines.map(keyTextOf);
    const known = this.lines.map((each) => ({ ...each, isOfThisFile: each.isOfThisFile && file === 'same' }));
    const placed = place({ kind, lines }, keys, known, continues);
    for (const each of placed) {
      if ('sameAs' in each) continue;
      const { amount, references, pending } = lines[each.index]!;
      const id = String(this.lines.length);
      const own = { id, key: keys[each.index]!, occurrence: each.occurrence, kind, amount };
      this.lines.push({ ...own, bankReference: references.bank, pending, isOfThisFile: true });
    }
    return placed.filter((each) => !('sameAs' in each)).length;
  }
}

describe('a line', () => {
  it('is the same with other line breaks, and another with another amount, day, reference or text', () => {
    const of = (more: Partial<BankLine>) => keyTextOf(line('a b', more));
    expect(of({ text: ' a\n b ' })).toBe(of({}));
    const others = [{ amount: 101n }, { bookedOn: '2026-03-02' }, { text: 'ab' }, bank('X'), { reversal: true }];
    expect(new Set(others.map(of)).add(of({})).size).toBe(others.length + 1);
  });
});

describe('of a statement', () => {
  it('that is said again nothing is new, and two real lines that are alike stay two', () => {
    const account = new Account();
    const twins = [line('coffee'), line('coffee'), line('rent')];
    expect(account.say(twins)).toBe(3);
    expect(account.say(twins)).toBe(0);
    expect(account.lines.map(({ occurrence }) => occurrence)).toEqual([0, 1, 0]);
  });

  it('that overlaps another only the rest is new', () => {
    const account = new Account();
    account.say([line('a'), line('coffee')]);
    expect(account.say([line('coffee'), line('coffee'), line('b')])).toBe(2);
  });

  it('that continues another all is new, also a line like one of before', () => {
    const account = new Account();
    account.say([line('coffee')]);
    expect(account.say([line('coffee')], { continues: true })).toBe(1);
    expect(account.say([line('coffee'), line('coffee')])).toBe(0);
  });

  it('that stands in one file with another all is new', () => {
    const account = new Account();
    account.say([line('coffee')]);
    expect(account.say([line('coffee')], { file: 'same' })).toBe(1);
  });

  it('what a report announced is not new, in the same words or by the reference of the bank', () => {
    const account = new Account();
    account.say([line('early', bank('B1')), line('same')], { kind: 'interim' });
    expect(account.say([line('final words', bank('B1')), line('same'), line('late')], { continues: true })).toBe(1);
  });

  it('what is booked is new, though it was pending under the same reference', () => {
    const account = new Account();
    account.say([line('hotel', { ...bank('B1'), pending: true })], { kind: 'interim' });
    expect(account.say([line('hotel', bank('B1'))])).toBe(1);
  });

  it('a reference of the bank that two statements use is no proof', () => {
    const account = new Account();
    account.say([line('monday', bank('FEE'))]);
    expect(account.say([line('tuesday', bank('FEE'))])).toBe(1);
  });

  it('the parts of a batch are placed with it', () => {
    const account = new Account();
    expect(account.say([line('batch'), line('part', { parent: 0 }), line('part', { parent: 0 })])).toBe(1);
  });
});

it('windows that overlap leave each line once, in whatever order they come and however often', () => {
  const days = fc.array(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }), { minLength: 4, maxLength: 4 });
  const windows = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 6 });
  fc.assert(
    fc.property(days, windows, (texts, ranges) => {
      const all = texts.map((day, index) => day.map((text) => line(text, { bookedOn: `2026-03-0${index + 1}` })));
      const account = new Account();
      for (const [from, to] of [...ranges, [0, 3] as const])
        account.say(all.slice(Math.min(from, to), Math.max(from, to) + 1).flat());
      const count = (keys: readonly string[]) => keys.toSorted();
      expect(count(account.lines.map(({ key }) => key))).toEqual(count(all.flat().map(keyTextOf)));
    }),
    { numRuns: 100 },
  );
});
