import { sentProblems } from './sent-return.ts';
import type { NamedAmount } from './sent-return.ts';

const premium = (amountMinor: bigint): NamedAmount => ({ category: 'premium', code: null, amountMinor });
const tax = (amountMinor: bigint): NamedAmount => ({ category: 'tax', code: 'surplus_lines', amountMinor });
const computed = [premium(-87_123n), premium(-7561n), tax(-4225n), { ...premium(0n), category: 'fee' as const }];

describe('return charges a policy system sent', () => {
  it.each([
    ['as computed', [premium(-94_684n), tax(-4225n)]],
    ['a unit off, as a sum that was rounded once', [premium(-94_685n), tax(-4224n)]],
    ['one for each charge, each a unit off', [premium(-87_122n), premium(-7560n), tax(-4225n)]],
  ])('are taken: %s', (_, sent) => {
    expect(sentProblems(sent, computed, 'USD')).toEqual([]);
  });

  it('are refused with what they should be, each where it is', () => {
    const stray: NamedAmount = { category: 'surcharge', code: null, amountMinor: -100n };
    expect(sentProblems([stray, premium(-94_686n)], computed, 'USD')).toEqual([
      { pointer: '/charges/0/amount', detail: 'surcharge comes to 0.00 USD, not -1.00 USD' },
      { pointer: '/charges/1/amount', detail: 'premium comes to -946.84 USD, not -946.86 USD' },
      { pointer: '/charges', detail: 'tax surplus_lines of -42.25 USD is missing' },
    ]);
  });
});
