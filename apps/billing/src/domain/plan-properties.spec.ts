// What holds for every plan that does not contradict itself, whatever charges and term it meets.
import fc from 'fast-check';
import { addDays, addMonths, anchorDay, daysBetween } from './calendar.ts';
import type { Charge, ChargeCategory } from './charge.ts';
import { DomainError } from './errors.ts';
import { builtInPlans, monthsOf, planOf, weekdays } from './plan.ts';
import type { Anchor, Cadence, DownPayment, Plan, PlanRequest } from './plan.ts';
import { planProblems } from './plan-rules.ts';
import { planSchedule } from './schedule.ts';
import type { PlannedSchedule } from './schedule.ts';

const months = Object.keys(monthsOf) as (keyof typeof monthsOf)[];
const day = fc.integer({ min: 1, max: 31 });

const anyCadence: fc.Arbitrary<Cadence> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('full_pay' as const, ...months).map((type) => ({ type })) },
  fc.integer({ min: 1, max: 26 }).map((weeks): Cadence => ({ type: 'every_n_weeks', weeks })),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 8 })
    .map((list): Cadence => ({ type: 'custom', unit: 'days', offsets: list.toSorted((a, b) => a - b) })),
);
const anyAnchor: fc.Arbitrary<Anchor> = fc.oneof(
  fc.constant<Anchor>({ mode: 'term_start' }),
  day.map((each): Anchor => ({ mode: 'day_of_month', day: each })),
  fc.constantFrom(...weekdays).map((weekday): Anchor => ({ mode: 'weekday', weekday })),
  fc.constant<Anchor>({ mode: 'due_day_choice', days: null }),
);
const anyDownPayment: fc.Arbitrary<DownPayment> = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 1, max: 9999 }).map((basisPoints) => ({ type: 'percent' as const, basisPoints })),
      fc.bigInt({ min: 1n, max: 10n ** 9n }).map((USD) => ({ type: 'amount' as const, amounts: { USD } })),
      fc.integer({ min: 1, max: 6 }).map((periods) => ({ type: 'periods' as const, periods })),
    ),
    fc.boolean(),
  )
  .map(([value, includesFees]) => ({ ...value, includesFees }));
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const leads = fc.integer({ min: 0, max: 40 });

const anyPlan: fc.Arbitrary<Plan> = fc
  .oneof(
    fc.constantFrom(...builtInPlans),
    fc
      .record({
        cadence: anyCadence,
        anchor: anyAnchor,
        count: orNull(fc.integer({ min: 1, max: 14 })),
        weights: fc.oneof(fc.constant([]), fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 })),
        downPayment: orNull(anyDownPayment),
        instalmentFee: orNull(fc.bigInt({ min: 1n, max: 1000n }).map((USD) => ({ USD }))),
        prorateStubs: fc.boolean(),
        amountBasis: fc.constantFrom('total' as const, 'per_period' as const),
        remainderPolicy: fc.constantFrom('spread_first' as const, 'last_absorbs' as const, 'first_absorbs' as const),
        generateLeadDays: leads,
        dueLeadDays: leads,
        autopayLeadDays: leads,
        blackoutDaysBeforeExpiry: fc.constantFrom(0, 0, 30),
      })
      .map((special) => planOf({ name: 'any', label: 'Any', ...special })),
  )
  .filter((plan) => planProblems(plan).length === 0);

const anyCharges = fc
  .array(
    fc.record({
      category: fc.constantFrom<ChargeCategory>('premium', 'tax', 'fee', 'surcharge'),
      code: fc.constant(null),
      amountMinor: fc.bigInt({ min: 0n, max: 10n ** 10n }),
      handling: fc.constantFrom<Charge['handling']>('proratable', 'fully_earned', 'flat'),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((charges): Charge[] => [
    ...charges,
    { category: 'premium', code: null, amountMinor: 10_000n, handling: 'proratable' },
  ]);
const anyRequest: fc.Arbitrary<PlanRequest & { transaction: 'issue' | 'renewal' }> = fc
  .record({
    startsAfter: fc.integer({ min: 0, max: 3000 }),
    lasts: fc.oneof(fc.constant(12), fc.integer({ min: 1, max: 25 })),
    short: fc.integer({ min: 0, max: 27 }),
    transaction: fc.constantFrom('issue' as const, 'renewal' as const),
  })
  .map(({ startsAfter, lasts, short, transaction }) => {
    const start = addDays('2020-01-01', startsAfter);
    return { term: { start, end: addDays(addMonths(start, lasts), -short) }, currency: 'USD', transaction };
  });
type Request = PlanRequest & { transaction: 'issue' | 'renewal' };

function planned(charges: readonly Charge[], plan: Plan, request: PlanRequest): PlannedSchedule | null {
  try {
    return planSchedule(charges, plan, request);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'plan_not_eligible') return null;
    throw error;
  }
}

type Check = (schedule: PlannedSchedule, of: { charges: Charge[]; plan: Plan; request: Request }) => void;
const holds = (check: Check) => {
  const property = fc.property(anyCharges, anyPlan, anyRequest, (charges, plan, request) => {
    const schedule = planned(charges, plan, request);
    fc.pre(schedule !== null);
    check(schedule, { charges, plan, request });
  });
  fc.assert(property, { numRuns: 200 });
};
const sum = (list: readonly { amountMinor: bigint }[]) => list.reduce((all, { amountMinor }) => all + amountMinor, 0n);

it('invariants 1 and 2: instalments add up to the total, lines to their instalment and to their charge', () => {
  holds(({ instalments, totalMinor, charges }) => {
    expect(sum(instalments)).toBe(totalMinor);
    expect(sum(charges)).toBe(totalMinor);
    for (const { amountMinor, lines } of instalments) expect(sum(lines)).toBe(amountMinor);
    const all = instalments.flatMap(({ lines }) => lines);
    charges.forEach(({ amountMinor }, index) => {
      expect(sum(all.filter(({ charge }) => charge === index))).toBe(amountMinor);
    });
  });
});

it('the charges are those that were sent, but for amounts per period, and the fees are last', () => {
  holds((schedule, { charges, plan }) => {
    const fees = schedule.charges.slice(charges.length);
    expect(fees.map(({ code }) => code)).toEqual(
      plan.instalmentFee && schedule.instalments.length > 1 ? ['instalment_fee'] : [],
    );
    if (plan.amountBasis === 'total') expect(schedule.charges.slice(0, charges.length)).toEqual(charges);
  });
});

it('no instalment is nothing, and no line has the other sign', () => {
  holds(({ instalments }) => {
    expect(instalments.every(({ amountMinor }) => amountMinor > 0n)).toBe(true);
    expect(instalments.flatMap(({ lines }) => lines).every(({ amountMinor }) => amountMinor >= 0n)).toBe(true);
  });
});

it('a return is the mirror of the charge, line by line', () => {
  const mirrored = (charges: readonly Charge[]) =>
    charges.map((charge) => ({ ...charge, amountMinor: -charge.amountMinor }));
  holds(({ instalments }, { charges, plan, request }) => {
    fc.pre(plan.instalmentFee === null);
    const back = planned(mirrored(charges), plan, request);
    expect(back?.instalments.map(({ lines }) => lines.map(({ amountMinor }) => -amountMinor))).toEqual(
      instalments.map(({ lines }) => lines.map(({ amountMinor }) => amountMinor)),
    );
  });
});

it('periods join without gap or overlap and fill the term, but for days that a price per period leaves out', () => {
  holds(({ instalments }, { plan, request: { term } }) => {
    if (plan.amountBasis === 'total' || plan.prorateStubs) expect(instalments[0]?.period.start).toBe(term.start);
    expect(instalments.at(-1)?.period.end).toBe(term.end);
    instalments.slice(1).forEach(({ period }, index) => expect(period.start).toBe(instalments[index]?.period.end));
    expect(instalments.every(({ period }) => period.start < period.end)).toBe(true);
    expect(new Set(instalments.map(({ period }) => period.start)).size).toBe(instalments.length);
  });
});

it('due dates never go back, an invoice is never after its charge, nor that after its due date', () => {
  holds(({ instalments }, { request: { term, transaction } }) => {
    instalments.forEach(({ dueOn, generateOn, autopayOn }, index) => {
      expect(dueOn >= (instalments[index - 1]?.dueOn ?? '')).toBe(true);
      expect(generateOn <= autopayOn && autopayOn <= dueOn).toBe(true);
      if (transaction === 'issue') expect(dueOn >= term.start).toBe(true);
    });
  });
});

it('month ends never drift: from its second date on, each is on the anchor day or the last of its month', () => {
  holds(({ instalments }, { plan, request: { term } }) => {
    fc.pre(Object.hasOwn(monthsOf, plan.cadence.type));
    const wanted = plan.anchor.mode === 'day_of_month' ? plan.anchor.day : anchorDay(term.start);
    for (const { period } of instalments.slice(1)) {
      const last = anchorDay(addDays(addMonths(period.start, 1, 1), -1));
      expect(anchorDay(period.start)).toBe(Math.min(wanted, last));
    }
  });
});

it('weeks are weeks: from its second date on, each is whole weeks after the one before', () => {
  holds(({ instalments }, { plan: { cadence } }) => {
    fc.pre(cadence.type === 'every_n_weeks');
    instalments.slice(2).forEach(({ period }, index) => {
      expect(daysBetween(instalments[index + 1]!.period.start, period.start)).toBe(7 * cadence.weeks);
    });
  });
});

it('the order in which charges are sent moves no cent between instalments', () => {
  holds(({ instalments }, { charges, plan, request }) => {
    const other = planSchedule(charges.toReversed(), plan, request);
    expect(other.instalments.map(({ amountMinor }) => amountMinor)).toEqual(
      instalments.map(({ amountMinor }) => amountMinor),
    );
  });
});
