import fc from 'fast-check';
import { invoiceOrders, itemOrders } from './allocation-plan.ts';
import type { InvoiceOrder, ItemOrder } from './allocation-plan.ts';
import { allocate } from './allocation.ts';
import type { OpenInvoice } from './allocation.ts';

const invoice = (id: string, dueOn: string, ...balances: bigint[]): OpenInvoice => ({
  id,
  number: BigInt(id.charCodeAt(0)),
  policyLocator: 'p',
  issuedOn: dueOn,
  dueOn,
  items: balances.map((balanceMinor, index) => ({ itemNo: index + 1, category: 'premium', balanceMinor })),
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

  it.each<[InvoiceOrder, string[]]>([
    ['due_date', ['b', 'c', 'a', 'd']],
    ['oldest_issue', ['a', 'c', 'd', 'b']],
    ['policy', ['b', 'a', 'c', 'd']],
  ])('in the order %s', (invoices, order) => {
    const open = [
      { ...invoice('d', '2025-04-01', 100n), issuedOn: '2025-01-03', policyLocator: 'q' },
      { ...invoice('c', '2025-02-01', 100n), issuedOn: '2025-01-02', policyLocator: 'q' },
      { ...invoice('b', '2025-01-31', 100n), issuedOn: '2025-01-04', policyLocator: 'p' },
      { ...invoice('a', '2025-03-01', 100n), issuedOn: '2025-01-01', policyLocator: 'p' },
    ];
    const { invoices: paid } = allocate(400n, open, { invoices, items: 'pro_rata' });
    expect(paid.map(({ invoiceId }) => invoiceId)).toEqual(order);
  });

  it.each<[ItemOrder, bigint, bigint[]]>([
    ['pro_rata', 1000n, [88n, 880n, 32n]],
    ['tax_first', 1000n, [233n, 740n, 27n]],
    ['tax_first', 200n, [200n, 0n, 0n]],
    ['fee_first', 1000n, [83n, 832n, 85n]],
    ['premium_first', 1000n, [0n, 1000n, 0n]],
    ['premium_first', 2400n, [48n, 2334n, 18n]],
  ])('S-85 within an invoice: %s of %s', (items, amount, expected) => {
    const open = invoice('a', '2025-01-01', 233n, 2334n, 85n);
    const categories = ['tax', 'premium', 'fee'];
    const named = { ...open, items: open.items.map((item, i) => ({ ...item, category: categories[i]! })) };
    const [allocated] = allocate(amount, [named], { invoices: 'due_date', items }).invoices;
    const of = (no: number) => allocated?.items.find(({ itemNo }) => itemNo === no)?.amountMinor ?? 0n;
    expect([of(1), of(2), of(3)]).toEqual(expected);
  });

  it('S-85: 10.00 on 25.67 with tax first is 2.33 and 7.67', () => {
    const items = [
      { itemNo: 1, category: 'tax', balanceMinor: 233n },
      { itemNo: 2, category: 'premium', balanceMinor: 2334n },
    ];
    const plan = { invoices: 'due_date', items: 'tax_first' } as const;
    expect(allocate(1000n, [{ ...invoice('a', '2025-01-01'), items }], plan).invoices[0]?.items).toEqual([
      { itemNo: 1, amountMinor: 233n },
      { itemNo: 2, amountMinor: 767n },
    ]);
  });

  it('every plan pays the same sum, and takes the same invoices in another order', () => {
    const category = fc.constantFrom('tax', 'premium', 'fee', 'surcharge');
    const item = fc.record({ category, balanceMinor: fc.bigInt({ min: 0n, max: 10n ** 6n }) });
    const one = fc.record({
      dueOn: fc.constantFrom('2025-01-01', '2025-02-01', '2025-03-01'),
      issuedOn: fc.constantFrom('2025-01-01', '2025-02-01'),
      policyLocator: fc.constantFrom('p', 'q'),
      items: fc.array(item, { minLength: 1, maxLength: 4 }),
    });
    const plan = fc.record({ invoices: fc.constantFrom(...invoiceOrders), items: fc.constantFrom(...itemOrders) });
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 7n }), fc.array(one, { maxLength: 5 }), plan, (amount, all, by) => {
        const open = all.map((each, i) => ({
          ...{ ...each, id: String(i), number: BigInt(i) },
          items: each.items.map((own, index) => ({ ...own, itemNo: index + 1 })),
        }));
        const result = allocate(amount, open, by);
        expect(result.unappliedMinor).toBe(allocate(amount, open).unappliedMinor);
        for (const { invoiceId, amountMinor, items } of result.invoices) {
          const { items: owed } = open[Number(invoiceId)]!;
          expect(items.reduce((sum, part) => sum + part.amountMinor, 0n)).toBe(amountMinor);
          for (const part of items) {
            expect(part.amountMinor > 0n && part.amountMinor <= owed[part.itemNo - 1]!.balanceMinor).toBe(true);
          }
        }
      }),
    );
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
