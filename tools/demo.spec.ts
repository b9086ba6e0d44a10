import { balancesOf, isBalanced, isMirror } from './demo/books.ts';
import { addDays, yearAfter } from './demo/calendar.ts';
import { agree } from './demo/checks.ts';
import type { JournalEntry } from './demo/stage.ts';

const entry = (...lines: [account: string, debit: string, credit: string][]): JournalEntry => ({
  id: '1',
  kind: 'payment_posted',
  effectiveDate: '2026-01-01',
  lines: lines.map(([account, debit, credit]) => ({ account, debit, credit, currency: 'USD' })),
});

/** The demo is only worth something if it stops where a fact is wrong. */
describe('what the demo checks', () => {
  it('stops with both values where a fact differs', () => {
    expect(() => agree('the total', { total: '307.99' }, { total: '308.00' })).toThrow(
      'the total should be {"total":"308.00"} and is {"total":"307.99"}',
    );
    expect(() => agree('the total', ['308.00'], ['308.00'])).not.toThrow();
  });

  it('tells a balanced entry from one that is not, and a mirror from something like it', () => {
    const posted = entry(['1100', '25.67', '0.00'], ['2100', '0.00', '25.67']);
    expect(isBalanced(posted)).toBe(true);
    expect(isBalanced(entry(['1100', '25.67', '0.00'], ['2100', '0.00', '25.66']))).toBe(false);
    expect(isMirror(entry(['2100', '25.67', '0.00'], ['1100', '0.00', '25.67']), posted)).toBe(true);
    expect(isMirror(posted, posted)).toBe(false);
    expect(isMirror(entry(['2100', '25.66', '0.00'], ['1100', '0.00', '25.66']), posted)).toBe(false);
  });

  it('adds up balances by account, debit less credit', () => {
    const entries = [entry(['1100', '25.67', '0.00'], ['2100', '0.00', '25.67']), entry(['2100', '5.00', '0.00'])];
    expect(balancesOf(entries)).toEqual({ '1100': '25.67', '2100': '-20.67' });
  });

  it('knows the calendar', () => {
    expect([yearAfter('2026-11-20'), yearAfter('2028-02-29')]).toEqual(['2027-11-20', '2029-02-28']);
    expect([addDays('2026-12-31', 1), addDays('2028-02-28', 1)]).toEqual(['2027-01-01', '2028-02-29']);
  });
});
