import fc from 'fast-check';
import { moveWriteOff, writeOffEvents, writeOffParts, writeOffStates } from './write-off.ts';

const item = (itemNo: number, balanceMinor: bigint) => ({ itemNo, category: 'premium', balanceMinor });
const part = (itemNo: number, amountMinor: bigint) => ({ itemNo, amountMinor });
const items = [item(1, 233n), item(2, 2334n)];

describe('the states of a write-off', () => {
  const pairs = writeOffStates.flatMap((state) => writeOffEvents.map((event) => [state, event] as const));

  it.each(pairs)('%s, %s', (state, event) => {
    if (state === 'standing') expect(moveWriteOff(state, event)).toBe('reversed');
    else expect(() => moveWriteOff(state, event)).toThrow(expect.objectContaining({ code: 'invalid_transition' }));
  });
});

describe('what is written off', () => {
  it('is all that is owed', () => {
    expect(writeOffParts(items, { kind: 'all' })).toEqual([part(1, 233n), part(2, 2334n)]);
  });

  it('or an amount of it, over the items as a payment would be', () => {
    expect(writeOffParts(items, { kind: 'amount', amountMinor: 1000n })).toEqual([part(1, 91n), part(2, 909n)]);
  });

  it('or what is named of its items', () => {
    const wish = { kind: 'items', items: [part(2, 334n), part(1, 233n)] } as const;
    expect(writeOffParts(items, wish)).toEqual([part(1, 233n), part(2, 334n)]);
  });

  it.each([
    ['more than is owed', items, { kind: 'amount', amountMinor: 2568n } as const, ['/amount']],
    ['of nothing', [item(1, 0n)], { kind: 'all' } as const, ['/invoiceLocator']],
    [
      'of items that are not there, there twice or owe less',
      items,
      { kind: 'items', items: [part(3, 1n), part(1, 1n), part(1, 1n), part(2, 9999n)] } as const,
      ['/items/0/itemNo', '/items/2/itemNo', '/items/3/amount'],
    ],
  ])('and never %s', (_name, owed, wish, pointers) => {
    expect(() => writeOffParts(owed, wish)).toThrow(
      expect.objectContaining({
        code: 'write_off_refused',
        context: { errors: pointers.map((pointer) => expect.objectContaining({ pointer }) as unknown) },
      }),
    );
  });

  it('adds up, and no item loses more than it owes', () => {
    const balances = fc.array(fc.bigInt({ min: 0n, max: 10n ** 6n }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(balances, fc.nat(1000), (owed, permille) => {
        const all = owed.map((minor, index) => item(index + 1, minor));
        const sum = owed.reduce((total, minor) => total + minor, 0n);
        const amountMinor = (sum * BigInt(permille)) / 1000n;
        fc.pre(amountMinor > 0n);
        const parts = writeOffParts(all, { kind: 'amount', amountMinor });
        expect(parts.reduce((total, each) => total + each.amountMinor, 0n)).toBe(amountMinor);
        expect(parts.every((each) => each.amountMinor <= owed[each.itemNo - 1]!)).toBe(true);
      }),
    );
  });
});
