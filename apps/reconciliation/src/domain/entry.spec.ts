import fc from 'fast-check';
import { chart } from './chart.ts';
import { balanced, mirrorOf } from './entry.ts';
import type { JournalEntry, JournalLine } from './entry.ts';
import { DomainError } from './errors.ts';

const head = {
  ...{ tenantId: 'tenant', id: 'entry', kind: 'kind', source: { type: 'type', id: 'source' } },
  ...{ effectiveOn: '2025-01-01', reverses: null },
};
const about = { policyLocator: 'policy', paymentLocator: null, invoiceLocator: null };

const account = fc.constantFrom(...chart.map(({ code }) => code));
const currency = fc.constantFrom('USD', 'JPY', 'KWD');
const amount = fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }).filter((minor) => minor !== 0n);
const line: fc.Arbitrary<JournalLine> = fc.record({
  ...{ account, currency, amount },
  policyLocator: fc.option(fc.string()),
  paymentLocator: fc.option(fc.string()),
  invoiceLocator: fc.option(fc.string()),
});

const sums = (lines: readonly JournalLine[], keyOf: (line: JournalLine) => string) => {
  const totals = new Map<string, bigint>();
  for (const each of lines) totals.set(keyOf(each), (totals.get(keyOf(each)) ?? 0n) + each.amount);
  return totals;
};
const isZero = (totals: Map<string, bigint>) => [...totals.values()].every((total) => total === 0n);

/** Any lines, and for each currency that is off a line that sets it right. */
const balancedEntry: fc.Arbitrary<JournalEntry> = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 12 }), account)
  .map(([lines, plug]) => {
    const off = [...sums(lines, (each) => each.currency)].filter(([, sum]) => sum !== 0n);
    const plugs = off.map(([code, sum]) => ({ account: plug, amount: -sum, currency: code, ...about }));
    return { ...head, lines: [...lines, ...plugs] };
  });

const mirrorHead = { id: 'mirror', kind: 'undone', source: { type: 'type', id: 'cause' }, effectiveOn: '2025-02-01' };
const undoing = { ...mirrorHead, of: { kind: head.kind, source: head.source } };

describe('balanced', () => {
  it('lets every entry pass whose lines add up to zero in each currency', () => {
    fc.assert(fc.property(balancedEntry, (entry) => balanced(entry) === entry));
  });

  it('refuses any lines exactly when some currency does not add up', () => {
    const anyLines = fc.array(line, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(anyLines, (lines) => {
        const adds = isZero(sums(lines, (each) => each.currency));
        if (adds) return balanced({ ...head, lines }).lines === lines;
        expect(() => balanced({ ...head, lines })).toThrow(DomainError);
        return true;
      }),
    );
  });

  it('does not set one currency against another', () => {
    const lines = [
      { account: '1100', amount: 5n, currency: 'USD', ...about },
      { account: '2100', amount: -5n, currency: 'EUR', ...about },
    ];
    expect(() => balanced({ ...head, lines })).toThrow('off by 5 minor units of USD');
  });

  it.each([0, 1])('refuses an entry of %i lines', (count) => {
    const lines = Array.from({ length: count }, () => ({ account: '1100', amount: 1n, currency: 'USD', ...about }));
    expect(() => balanced({ ...head, lines })).toThrow('at least two lines');
  });
});

describe('mirrorOf', () => {
  it('is balanced, and with its original adds up to zero for every account, currency and dimension', () => {
    fc.assert(
      fc.property(balancedEntry, (original) => {
        const mirror = balanced(mirrorOf(original, undoing));
        const both = [...original.lines, ...mirror.lines];
        return isZero(sums(both, ({ amount: _, ...rest }) => JSON.stringify(rest)));
      }),
    );
  });

  it('names its original, keeps its tenant and its lines, and has a head of its own', () => {
    fc.assert(
      fc.property(balancedEntry, (original) => {
        const { lines, ...rest } = mirrorOf(original, undoing);
        expect(rest).toEqual({ ...mirrorHead, tenantId: original.tenantId, reverses: original.id });
        return lines.length === original.lines.length;
      }),
    );
  });

  it('of a mirror has the lines of the original', () => {
    fc.assert(
      fc.property(balancedEntry, (original) => {
        const again = mirrorOf(mirrorOf(original, undoing), { ...undoing, id: 'again' });
        expect(again.lines).toEqual(original.lines);
      }),
    );
  });

  it('refuses to undo what is not there', () => {
    expect(() => mirrorOf(undefined, undoing)).toThrow('No kind of source is booked.');
  });
});
