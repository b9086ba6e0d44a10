import fc from 'fast-check';
import { allocate } from './allocation.ts';
import type { OpenInvoice } from './allocation.ts';

const invoice = (id: string, dueOn: string, ...balances: bigint[]): OpenInvoice => ({
  id,
  number: BigInt(id.charCodeAt(0)),
  dueOn,
  items: balances.map((balanceMinor, index) => ({ itemNo: index + 1, balanceMinor })),
});
const amounts = (amount: bigint, invoices: OpenInvoice[]) => {
  const { invoices: allocated, unappliedMinor } = allocate(amount, invoices);
  return [...allocated.map(({ invoiceId, amountMinor }) => [invoiceId, amountMinor]), ['unapplied', unappliedMinor]];
};

describe('an amount to open invoices', () => {
  it('S-83: 150.00 pays the older 100.00 and half of the other', () => {
    const open = [invoice('b', '2025-02-01', 10_000n), invoice('a', '2025-01-01', 10_000n)];
    expect(amounts(15_000n, open)).toEqual([
      ['a', 10_000n],
      ['b', 5000n],
      ['unapplied', 0n],
    ]);
  });

  it('S-84: 120.00 on 100.00 leaves 20.00 unapplied', () => {
    expect(amounts(12_000n, [invoice('a', '2025-01-01', 10_000n)])).toEqual([
      ['a', 10_000n],
      ['unapplied', 2000n],
    ]);
  });

  it('S-17: 30.00 and then 60.00 on 60.00 leave 30.00 unapplied', () => {
    expect(amounts(3000n, [invoice('a', '2025-01-01', 5000n, 1000n)])).toEqual([
      ['a', 3000n],
      ['unapplied', 0n],
    ]);
    expect(amounts(6000n, [invoice('a', '2025-01-01', 2500n, 500n)])).toEqual([
      ['a', 3000n],
      ['unapplied', 3000n],
    ]);
  });

  it('S-85: 10.00 on 25.67 with 2.33 tax is 0.91 tax and 9.09 premium', () => {
    const [allocated] = allocate(1000n, [invoice('a', '2025-01-01', 233n, 2334n)]).invoices;
    expect(allocated?.items).toEqual([
      { itemNo: 1, amountMinor: 91n },
      { itemNo: 2, amountMinor: 909n },
    ]);
  });

  it('of two due on one day the one with the lower number is first', () => {
    const open = [invoice('b', '2025-01-01', 100n), invoice('a', '2025-01-01', 100n)];
    expect(amounts(100n, open)[0]).toEqual(['a', 100n]);
  });

  it('without an open invoice everything is unapplied', () => {
    expect(amounts(100n, [])).toEqual([['unapplied', 100n]]);
    expect(amounts(100n, [invoice('a', '2025-01-01', 0n)])).toEqual([['unapplied', 100n]]);
  });

  it('no cent is lost, no item is overpaid, and an invoice is paid before the next one gets anything', () => {
    const balances = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 5 });
    const invoices = fc.array(balances, { maxLength: 6 });
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 10n }), invoices, (amount, lists) => {
        const open = lists.map((list, i) => invoice(String.fromCharCode(97 + i), `2025-01-0${i + 1}`, ...list));
        const { invoices: allocated, unappliedMinor } = allocate(amount, open);
        const given = allocated.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
        expect(given + unappliedMinor).toBe(amount);
        for (const { invoiceId, amountMinor, items } of allocated) {
          const of = open.find(({ id }) => id === invoiceId)!;
          expect(items.reduce((sum, item) => sum + item.amountMinor, 0n)).toBe(amountMinor);
          for (const { itemNo, amountMinor: part } of items) {
            expect(part > 0n && part <= of.items[itemNo - 1]!.balanceMinor).toBe(true);
          }
        }
        const owed = open.map(({ items }) => items.reduce((sum, item) => sum + item.balanceMinor, 0n));
        const full = allocated.slice(0, -1).map(({ invoiceId, amountMinor }) => [invoiceId, amountMinor]);
        expect(full).toEqual(full.map(([id]) => [id, owed[open.findIndex((each) => each.id === id)]]));
      }),
    );
  });
});
