import fc from 'fast-check';
import { chargeCategories } from './charge.ts';
import { followBasis, isCommissionable, netDueOf, payCommission } from './commission.ts';
import type { Commission, CommissionEarning } from './commission.ts';
import { partOf, percent } from './rate.ts';
import { returnPremium } from './return-premium.ts';
import { exampleTable } from './short-rate-table.ts';

function commission(earn: CommissionEarning, rate = percent(15)): Commission {
  return {
    ...{ tenantId: 'T', id: 'C', producerId: 'PR-1', policyLocator: 'P', termNumber: 1, agreementId: 'A' },
    ...{ rate, earn, currency: 'USD', basisMinor: 0n, earnedBasisMinor: 0n },
    ...{ reservedMinor: 0n, earnedMinor: 0n, paidMinor: 0n, version: 0 },
  };
}

/** Through one basis after the other: [premium, part of it on which commission is earned]. */
function through(start: Commission, ...bases: (readonly [basis: bigint, earned: bigint])[]) {
  let now = start;
  const entries = bases.flatMap(([basisMinor, earnedBasisMinor]) => {
    const { next, moves } = followBasis(now, { basisMinor, earnedBasisMinor });
    now = next;
    return moves.map(({ state, amountMinor }): [string, number] => [state, Number(amountMinor)]);
  });
  return { now, entries };
}

/** Premium paid in parts, and what each of them earned. */
function paying(parts: readonly bigint[]) {
  const total = parts.reduce((sum, part) => sum + part, 0n);
  let paid = 0n;
  const bases = parts.map((part) => [total, (paid += part)] as const);
  const { now, entries } = through(commission('on_payment'), [total, 0n], ...bases);
  return { now, earned: entries.filter(([state]) => state === 'earned').map(([, minor]) => minor) };
}

describe('commission', () => {
  it('S-113: an agency remits what it was charged less its commission, on premium only', () => {
    const charges = [
      { category: 'premium' as const, amountMinor: 120_000n },
      { category: 'tax' as const, amountMinor: 6000n },
      { category: 'fee' as const, amountMinor: 2500n },
    ];
    const due = netDueOf(charges, percent(15));
    expect(due).toEqual({ grossMinor: 128_500n, commissionMinor: 18_000n, netMinor: 110_500n });
    expect(110_000n - due.netMinor).toBe(-500n);
  });

  it('S-15: taxes and fees bring none', () => {
    expect(chargeCategories.filter((category) => isCommissionable({ category }))).toEqual(['premium']);
  });

  it('S-114: what was reserved on returned premium is clawed back', () => {
    const { returnedMinor } = returnPremium(
      [
        {
          ...{ category: 'premium', handling: 'proratable', amountMinor: 120_000n },
          coverage: { start: '2025-01-01', end: '2026-01-01' },
        },
      ],
      {
        ...{ term: { start: '2025-01-01', end: '2026-01-01' }, effectiveOn: '2025-04-11', method: 'pro_rata' },
        ...{ minimumEarnedRate: null, returnsFeesOnFlat: true, table: exampleTable },
      },
    );
    const { now, entries } = through(commission('on_payment'), [120_000n, 0n], [120_000n - returnedMinor, 0n]);
    expect(entries).toEqual([
      ['reserved', 18_000],
      ['clawed_back', -13_068],
    ]);
    expect(now.reservedMinor).toBe(4932n);
  });

  it('S-115: earned as premium is paid, rounded cumulatively', () => {
    const premiums = [2334n, 2333n, 2334n, 2334n, 2333n, 2334n, 2333n, 2334n, 2333n, 2333n, 2332n, 2333n];
    const ofStory = paying(premiums);
    expect(ofStory.earned).toEqual(Array<number>(12).fill(350));
    expect(ofStory.now).toMatchObject({ reservedMinor: 0n, earnedMinor: 4200n, version: 13 });
    const of90 = paying(Array<bigint>(12).fill(750n));
    expect(of90.earned).toEqual(Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? 113 : 112)));
    expect(of90.now.earnedMinor).toBe(1350n);
  });

  it('S-118: paid out, then the premium is taken back: negative, until more is earned', () => {
    const earned = through(commission('on_payment'), [28_000n, 2334n]).now;
    const paid = payCommission(earned)!;
    expect(paid).toMatchObject({ state: 'paid', amountMinor: 350n, after: { earnedMinor: 0n, paidMinor: 350n } });
    const { now, entries } = through(paid.after, [28_000n, 0n]);
    expect(entries).toEqual([['earned', -350]]);
    expect(now).toMatchObject({ reservedMinor: 4200n, earnedMinor: -350n, paidMinor: 350n });
    expect(through(now, [28_000n, 2334n]).now.earnedMinor).toBe(0n);
    expect(payCommission(through(now, [28_000n, 2334n]).now)).toBeNull();
  });

  it('earned on issue is clawed back as earned, too', () => {
    expect(through(commission('on_issue'), [120_000n, 120_000n], [32_877n, 32_877n]).entries).toEqual([
      ['reserved', 18_000],
      ['earned', 18_000],
      ['clawed_back', -13_068],
      ['earned', -13_068],
    ]);
  });

  it('says nothing where nothing changes, and keeps up with a basis that is too small to earn anything', () => {
    const { now, entries } = through(commission('on_payment', 1n), [100n, 0n], [100n, 50n]);
    expect(entries).toEqual([]);
    expect(now).toMatchObject({ basisMinor: 100n, earnedBasisMinor: 50n, version: 0 });
  });

  it('for any story: what is reserved, earned and paid is rate × premium, and each entry is one version', () => {
    const minor = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
    const steps = fc.array(fc.oneof(fc.tuple(minor, minor), fc.constant('pay' as const)), { maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.bigInt({ min: 0n, max: 1_000_000n }), (story, rate) => {
        let now = commission('on_payment', rate);
        const sums = { reserved: 0n, clawed_back: 0n, earned: 0n, paid: 0n };
        for (const step of story) {
          const paid = step === 'pay' ? payCommission(now) : null;
          const followed = step === 'pay' ? null : followBasis(now, { basisMinor: step[0], earnedBasisMinor: step[1] });
          for (const { state, amountMinor, after } of followed?.moves ?? (paid ? [paid] : [])) {
            sums[state] += amountMinor;
            expect(after.version).toBe(now.version + 1);
            now = after;
          }
          now = followed?.next ?? now;
          expect(now.reservedMinor + now.earnedMinor + now.paidMinor).toBe(partOf(now.basisMinor, rate));
          expect(now.earnedMinor + now.paidMinor).toBe(partOf(now.earnedBasisMinor, rate));
        }
        expect(now.reservedMinor).toBe(sums.reserved + sums.clawed_back - sums.earned);
        expect([now.earnedMinor, now.paidMinor]).toEqual([sums.earned - sums.paid, sums.paid]);
      }),
    );
  });
});
