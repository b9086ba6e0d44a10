import { findCardData, maskCardData } from './card-data.ts';

const PAN = '4111 1111 1111 1111';

describe('card data in a value', () => {
  it.each([
    ['a text', { details: `by card ${PAN}` }, [['details']]],
    ['a text in a list', { names: ['a', PAN] }, [['names', '1']]],
    ['a number', { reference: 4_111_111_111_111_111 }, [['reference']]],
    ['a name, told by its parent', { fieldValues: { [PAN]: ['x', PAN] } }, [['fieldValues']]],
    ['a body that is only that', PAN, [[]]],
    ['several at once', { a: PAN, b: { c: PAN, d: 1 } }, [['a'], ['b', 'c']]],
  ])('%s', (_what, value, paths) => {
    expect(findCardData(value).map(({ path }) => path)).toEqual(paths);
    expect(JSON.stringify(findCardData(value))).not.toMatch(/4111/);
  });

  it.each(['cvv', 'CVC', 'cvv2', 'cid', 'pan', 'cardNumber', 'card_number', 'track', 'Track2'])(
    'the name %s, whatever it holds',
    (name) => {
      expect(findCardData({ card: { [name]: null } })).toEqual([
        { path: ['card', name], detail: 'is a name of card data' },
      ]);
    },
  );

  it('none in ids, amounts, times and other names', () => {
    const value = {
      id: '41111111-1111-4111-8111-111111111111',
      ...{ amount: '25.67', amountMinor: 9_007_199_254_740_991, panel: 'x', incident: 1, at: 1_763_652_846_000 },
      ...{ none: null, truth: true, list: [], cardBrand: 'visa', last4: '1111' },
    };
    expect(findCardData(value)).toEqual([]);
    expect(maskCardData(value)).toEqual(value);
  });

  it('is listed to a hundred places, and not looked for in bytes', () => {
    expect(findCardData(Array.from({ length: 500 }, () => PAN))).toHaveLength(100);
    expect(findCardData({ file: Buffer.from(PAN) })).toEqual([]);
  });

  it('is masked where it stands, with what has a refused name', () => {
    const value = { a: PAN, n: 4_111_111_111_111_111, cvv: 123, [PAN]: [PAN] };
    expect(maskCardData(value)).toEqual({
      ...{ a: '**** **** **** 1111', n: '************1111', cvv: '[masked]' },
      '**** **** **** 1111': ['**** **** **** 1111'],
    });
  });
});
