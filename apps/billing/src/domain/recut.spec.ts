import fc from 'fast-check';
import { addMonths } from './calendar.ts';
import { cancelTerm } from './cancel-term.ts';
import { catchUp } from './catch-up.ts';
import { changePlan, layOut } from './change-plan.ts';
import { endorse } from './endorse.ts';
import type { EndorsementRules } from './endorse.ts';
import { invalidate } from './invalidate.ts';
import { getPlan } from './plan.ts';
import { instalmentAmounts } from './plan-amounts.ts';
import { planPeriods } from './plan-dates.ts';
import { amountOf, returnPolicies } from './recut.ts';
import type { ChargeLine, LaidInstalment, StandingInstalment } from './recut.ts';
import { reinstateTerm } from './reinstate-term.ts';

const term = { start: '2025-01-01', end: '2026-01-01' };
const defaults: EndorsementRules = { endorsement: 'spread', returns: 'reduce_spread' };

/** Monthly from the start of the term, `billed` of them billed (or in the state given). */
function monthly(amounts: readonly bigint[], billed = 0, state: StandingInstalment['state'] = 'paid') {
  return amounts.map((amountMinor, i): StandingInstalment => ({
    id: `i${i + 1}`,
    number: i + 1,
    source: 'plan',
    state: i < billed ? state : 'scheduled',
    dueOn: addMonths(term.start, i),
    period: { start: addMonths(term.start, i), end: addMonths(term.start, i + 1) },
    lines: [{ chargeId: 'premium', amountMinor }],
  }));
}
const hundreds = (billed = 0, state?: StandingInstalment['state']) =>
  monthly(
    Array.from({ length: 12 }, () => 10_000n),
    billed,
    state,
  );
const amounts = (laid: readonly LaidInstalment[]) => laid.map(({ lines }) => Number(amountOf(lines)) / 100);
const added = (laid: readonly LaidInstalment[], chargeId = 'e') =>
  laid.flatMap(({ lines }) =>
    lines.filter((each) => each.chargeId === chargeId).map(({ amountMinor }) => Number(amountMinor) / 100),
  );
const spread = (amountMinor: bigint) => [{ chargeId: 'e', amountMinor, isSpread: true }];
const credit = (credited: readonly ChargeLine[]) => Number(-amountOf(credited)) / 100;

describe('an endorsement that costs more', () => {
  const july = { start: '2025-07-01', end: term.end };

  it('S-31: 151.23 over six unbilled, and over five, each its own charge beside the 100.00', () => {
    const today = { coverage: july, today: '2025-07-01' };
    const six = endorse(hundreds(6), { charges: spread(15_123n), ...today }, defaults).laid;
    expect(added(six)).toEqual([25.21, 25.21, 25.21, 25.2, 25.2, 25.2]);
    expect(amounts(six)[0]).toBe(125.21);
    const five = endorse(hundreds(7), { charges: spread(15_123n), ...today }, defaults).laid;
    expect(added(five)).toEqual([30.25, 30.25, 30.25, 30.24, 30.24]);
  });

  it('S-36: 243.00 over the seven that remain: 65.14, not the 65.13 of a re-split', () => {
    const year = monthly([...Array.from({ length: 8 }, () => 3042n), ...Array.from({ length: 4 }, () => 3041n)], 5);
    const change = { charges: spread(24_300n), coverage: { start: '2025-05-03', end: term.end }, today: '2025-05-03' };
    expect(amounts(endorse(year, change, defaults).laid)).toEqual([65.14, 65.14, 65.14, 65.12, 65.12, 65.12, 65.12]);
  });

  it('S-37: back-dated, the days that have gone by are billed now and the rest is spread', () => {
    const change = { charges: spread(25_151n), coverage: { start: '2025-03-01', end: term.end }, today: '2025-07-10' };
    const { laid } = endorse(hundreds(7), change, defaults);
    expect(laid[0]).toMatchObject({ source: 'endorsement', dueOn: '2025-07-10' });
    expect(added(laid)).toEqual([107.67, 28.77, 28.77, 28.77, 28.77, 28.76]);
  });

  it('is whole on the next instalment, or billed apart, where the plan says so', () => {
    const change = { charges: spread(15_123n), coverage: july, today: '2025-06-20' };
    expect(added(endorse(hundreds(6), change, { ...defaults, endorsement: 'next' }).laid)).toEqual([151.23]);
    const [now] = endorse(hundreds(6), change, { ...defaults, endorsement: 'immediate' }).laid;
    expect(now).toMatchObject({ source: 'endorsement', dueOn: '2025-06-20' });
    const [apart] = endorse(hundreds(6), change, { ...defaults, endorsement: 'bill_separately' }).laid;
    expect(apart).toMatchObject({ source: 'endorsement', dueOn: '2025-07-01' });
  });

  it('is billed at once where nothing is left to be billed', () => {
    const change = { charges: spread(15_123n), coverage: july, today: '2025-07-01' };
    expect(amounts(endorse(hundreds(12), change, defaults).laid)).toEqual([151.23]);
  });
});

describe('an endorsement that costs less', () => {
  const back = (amountMinor: bigint, rules: EndorsementRules) =>
    endorse(
      hundreds(9),
      { charges: spread(-amountMinor), coverage: { start: '2025-10-01', end: term.end }, today: '2025-10-01' },
      rules,
    );

  it.each([
    ['reduce_spread', [70, 70, 70], 0],
    ['reduce_last_first', [100, 100, 10], 0],
    ['reduce_next_first', [10, 100, 100], 0],
    ['refund', [100, 100, 100], 90],
  ] as const)('S-33: 90.00 back by %s', (returns, left, unapplied) => {
    const { laid, credited } = back(9000n, { ...defaults, returns });
    expect(amounts(laid)).toEqual(left);
    expect(credit(credited)).toBe(unapplied);
  });

  it('S-34: 350.00 back with 300.00 unbilled leaves nothing to bill and a credit of 50.00', () => {
    const { laid, credited } = back(35_000n, defaults);
    expect(amounts(laid)).toEqual([0, 0, 0]);
    expect(credit(credited)).toBe(50);
  });

  it('takes evenly what each holds, and the rest from those that hold more', () => {
    const uneven = monthly([1000n, 5000n, 5000n]);
    const change = { charges: spread(-6000n), coverage: term, today: term.start };
    expect(amounts(endorse(uneven, change, defaults).laid)).toEqual([0, 25, 25]);
  });
});

describe('a change of plan', () => {
  const laidOut = (plan: string, scope: 'all' | 'planned' | 'not_fully_paid', standing: StandingInstalment[]) => {
    const change = changePlan(standing, scope, term);
    const to = getPlan(plan);
    const periods = planPeriods(to, { term: change.period, currency: 'USD' });
    const split = { totalMinor: amountOf(change.pool), currency: 'USD', wholeMinor: 0n, periods };
    return { change, laid: layOut(change.pool, periods, instalmentAmounts(to, split)) };
  };

  it('S-39: four paid of twelve, the rest at once: one of 800.00', () => {
    const { laid, change } = laidOut('full-pay', 'planned', hundreds(4));
    expect(laid.map(({ dueOn }) => dueOn)).toEqual(['2025-05-01']);
    expect(amounts(laid)).toEqual([800]);
    expect(change.undone).toEqual([]);
  });

  it('S-40: to quarterly, counted from where cover is paid to', () => {
    const { laid } = laidOut('1year-quarterly', 'planned', hundreds(4));
    expect(laid.map(({ dueOn }) => dueOn)).toEqual(['2025-05-01', '2025-08-01', '2025-11-01']);
    expect(laid.at(-1)?.period).toEqual({ start: '2025-11-01', end: '2026-01-01' });
    expect(amounts(laid)).toEqual([266.67, 266.67, 266.66]);
  });

  it('S-41: everything anew: the paid one is undone, twelve of 100.00 take its place', () => {
    const { laid, change } = laidOut('1year-monthly', 'all', [{ ...monthly([120_000n], 1)[0]!, period: term }]);
    expect(change.undone.map(({ id }) => id)).toEqual(['i1']);
    expect(amounts(laid)).toEqual(Array.from({ length: 12 }, () => 100));
  });

  it('counts from where the plan has come to, not from the end of what was billed apart', () => {
    const standing = hundreds(4);
    const apart = {
      ...standing[3]!,
      id: 'e',
      source: 'endorsement' as const,
      period: { start: '2025-02-01', end: term.end },
    };
    expect(changePlan([...standing, apart], 'planned', term).period.start).toBe('2025-05-01');
  });

  it('undoes what is billed and not fully paid, where it is told to', () => {
    const standing = hundreds(4).map((each, i) => (i === 3 ? { ...each, state: 'partially_paid' as const } : each));
    const { change, laid } = laidOut('full-pay', 'not_fully_paid', standing);
    expect(change.undone.map(({ id }) => id)).toEqual(['i4']);
    expect(amounts(laid)).toEqual([900]);
    expect(laid[0]?.dueOn).toBe('2025-04-01');
  });
});

describe('the end of a term', () => {
  const returns = [{ chargeId: 'r', amountMinor: -87_123n }];
  const end = { returns, on: '2025-04-11', today: '2025-04-11' };

  it('S-44: with four billed, nothing more is billed, and what is left over is a credit', () => {
    const { laid, credited } = cancelTerm(hundreds(4), end);
    expect(amounts(laid)).toEqual([0]);
    expect(laid[0]?.source).toBe('final');
    expect(credit(credited)).toBe(71.23);
  });

  it('S-44: with three billed, the final bill is what is earned beyond them', () => {
    const { laid, credited } = cancelTerm(hundreds(3), end);
    expect(amounts(laid)).toEqual([28.77]);
    expect(laid[0]).toMatchObject({ source: 'final', dueOn: '2025-04-11' });
    expect(credit(credited)).toBe(0);
  });

  it('leaves what is due by the last day of cover as it was', () => {
    const { laid } = cancelTerm(hundreds(1), { ...end, today: '2025-01-15' });
    expect(laid.map(({ dueOn }) => dueOn)).toEqual(['2025-02-01', '2025-03-01', '2025-04-11']);
    expect(amounts(laid)).toEqual([100, 100, 28.77]);
  });

  it('S-60: comes back over the dates that remain, less what the gap cost', () => {
    const [cancelled] = [cancelTerm(hundreds(4), end)];
    const standing: StandingInstalment[] = [
      ...hundreds(4).slice(0, 4),
      { ...cancelled.laid[0]!, id: 'final', number: 5, state: 'paid' },
    ];
    const again = reinstateTerm(standing, {
      charges: [{ chargeId: 'back', amountMinor: 87_123n }],
      gap: [{ chargeId: 'gap', amountMinor: -3288n }],
      before: hundreds(4).slice(4),
      term,
      today: '2025-04-21',
    });
    expect(again.laid.map(({ dueOn }) => dueOn)).toEqual(
      hundreds(4)
        .slice(4)
        .map(({ dueOn }) => dueOn),
    );
    expect(Number(again.laid.reduce((sum, { lines }) => sum + amountOf(lines), 0n)) / 100).toBe(838.35);
  });
});

describe('a pause', () => {
  it('S-75: three due dates fall inside: one catch-up of 300.00; a due date on its end is not held', () => {
    const pause = { start: '2025-02-01', end: '2025-05-01' };
    const laid = catchUp(hundreds(1), pause, '2025-05-11');
    expect(laid[0]).toMatchObject({ source: 'catch_up', dueOn: '2025-05-11' });
    expect(amounts(laid).slice(0, 2)).toEqual([300, 100]);
    expect(laid[1]?.dueOn).toBe('2025-05-01');
  });
});

describe('two pauses, of which the inner one ends first', () => {
  it('what it held stands where its periods are, so that numbers and paid through go on in their order', () => {
    const laid = catchUp(hundreds(1), { start: '2025-03-15', end: '2025-04-15' }, '2025-04-15');
    expect(laid.slice(0, 3).map(({ source, period }) => [source, period.start])).toEqual([
      ['plan', '2025-02-01'],
      ['plan', '2025-03-01'],
      ['catch_up', '2025-04-01'],
    ]);
  });
});

describe('an invalidated transaction', () => {
  it('S-38: its own bill is undone, and with that what was paid on it', () => {
    const own: StandingInstalment = {
      ...hundreds()[0]!,
      ...{ id: 'own', source: 'endorsement', state: 'paid', lines: [{ chargeId: 'e', amountMinor: 15_123n }] },
    };
    const undoing = { charges: new Set(['e']), coverage: term, today: '2025-08-01' };
    const { undone, laid, credited } = invalidate([...hundreds(7), own], undoing);
    expect(undone).toEqual([own]);
    expect(amounts(laid)).toEqual([100, 100, 100, 100, 100]);
    expect(credited).toEqual([]);
  });

  it('credits what was billed of it beside other charges, and drops what was not', () => {
    const { laid } = endorse(
      hundreds(6),
      { charges: spread(15_123n), coverage: { start: '2025-07-01', end: term.end }, today: '2025-07-01' },
      defaults,
    );
    const standing = [
      ...hundreds(6).slice(0, 6),
      ...laid.map((each, i): StandingInstalment => ({
        ...each,
        ...{ id: `n${i}`, number: 7 + i, state: i < 2 ? 'paid' : 'scheduled' },
      })),
    ];
    const undoing = { charges: new Set(['e']), coverage: term, today: '2025-08-05' };
    const after = invalidate(standing, undoing);
    expect(credit(after.credited)).toBe(50.42);
    expect(amounts(after.laid)).toEqual([100, 100, 100, 100]);
  });
});

describe('charges of both signs', () => {
  const lineOf = (chargeId: string, amountMinor: bigint) => ({ chargeId, amountMinor });
  const quarters = (billed = 0) =>
    monthly([24_000n, 24_000n, 24_000n, 24_000n], billed).map((each, index) =>
      index < billed ? each : { ...each, lines: [...each.lines, lineOf('credit', -9000n)] },
    );

  it('a cancellation takes a credit back with the premium, and bills nothing below zero', () => {
    // 1000.00 less 270.00: 680.00 of premium come back, and of the credit 255.00 are owed again.
    const returns = [lineOf('return', -68_000n), lineOf('taken back', 25_500n)];
    const { laid, credited } = cancelTerm(quarters(1), { returns, on: '2025-01-15', today: '2025-01-15' });
    // 450.00 were to be billed, 425.00 come back.
    expect(amounts(laid)).toEqual([25]);
    expect(credited).toEqual([]);
  });

  it('a cancellation that takes back more credit than premium bills the rest', () => {
    const billed = monthly([10_000n], 1);
    const returns = [lineOf('return', -2000n), lineOf('taken back', 3000n)];
    const { laid, credited } = cancelTerm(billed, { returns, on: '2025-01-15', today: '2025-01-15' });
    expect([amounts(laid), credited, laid[0]?.source]).toEqual([[10], [], 'final']);
  });

  it('a reinstatement takes the credit off what it charges again', () => {
    const request = {
      charges: [lineOf('again', 68_000n), lineOf('credit again', -25_500n)],
      gap: [lineOf('gap', -2000n), lineOf('gap of the credit', 500n)],
      before: quarters().slice(1),
      ...{ term, today: '2025-01-20' },
    };
    const { laid, credited } = reinstateTerm([], request);
    expect([amounts(laid), credited]).toEqual([[136.67, 136.66, 136.67], []]);
  });

  it('a change of plan lays them out by what they come to', () => {
    const pool = [lineOf('premium', 500n), lineOf('first', -200n), lineOf('second', -200n)];
    const periods = [0, 1, 2, 3].map((months) => ({ dueOn: addMonths(term.start, months), period: term }));
    const laid = layOut(pool, periods, [25n, 25n, 25n, 25n]);
    expect(amounts(laid)).toEqual([0.25, 0.25, 0.25, 0.25]);
    // One at a time, their odd units are all on the first ones.
    const odd = [lineOf('premium', 5n), lineOf('first', -2n), lineOf('second', -2n)];
    expect(amounts(layOut(odd, periods, [1n, 0n, 0n, 0n]))).toEqual([0.01, 0, 0, 0]);
  });

  it('a reinstatement keeps the schedule in the order of its dates', () => {
    const [, second, third] = hundreds();
    const final = { ...third!, source: 'final' as const };
    const request = { charges: [lineOf('again', 100n)], gap: [], before: [second!], term, today: '2025-01-20' };
    expect(reinstateTerm([final], request).laid.map(({ dueOn }) => dueOn)).toEqual(['2025-02-01', '2025-03-01']);
  });

  it('the end of a term leaves no instalment behind the first one that it moves', () => {
    const [first, late, early] = hundreds(0);
    const disordered = [first!, { ...late!, dueOn: '2025-06-01' }, early!];
    const { laid } = cancelTerm(disordered, { returns: [], on: '2025-04-01', today: '2025-01-15' });
    expect(laid.map(({ dueOn }) => dueOn)).toEqual(['2025-01-01', '2025-04-01']);
  });
});

describe('whatever is cut', () => {
  const sumOf = (parts: readonly { lines: readonly ChargeLine[] }[], chargeId: string) =>
    parts
      .flatMap(({ lines }) => lines)
      .reduce((sum, each) => sum + (each.chargeId === chargeId ? each.amountMinor : 0n), 0n);

  it('each charge is there to the cent, and no instalment is below nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 100_000n }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.bigInt({ min: -200_000n, max: 200_000n }), { minLength: 1, maxLength: 4 }),
        fc.nat(12),
        fc.constantFrom(...returnPolicies),
        fc.constantFrom('spread' as const, 'next' as const, 'immediate' as const, 'bill_separately' as const),
        fc.integer({ min: 0, max: 200 }),
        (held, changed, billed, returns, endorsement, day) => {
          const standing = monthly(held, billed);
          const charges = changed.map((amountMinor, i) => ({ chargeId: `c${i}`, amountMinor, isSpread: i % 3 !== 2 }));
          const today = addMonths(term.start, Math.floor(day / 30));
          const { laid, credited } = endorse(
            standing,
            { charges, coverage: { start: '2025-02-10', end: term.end }, today },
            { endorsement, returns },
          );
          for (const { lines } of laid) expect(amountOf(lines) >= 0n).toBe(true);
          for (const { chargeId, amountMinor } of charges) {
            expect(sumOf([...laid, { lines: credited }], chargeId)).toBe(amountMinor);
          }
          const unbilled = standing.filter(({ state }) => state === 'scheduled');
          expect(sumOf(laid, 'premium')).toBe(sumOf(unbilled, 'premium'));
        },
      ),
    );
  });
});
