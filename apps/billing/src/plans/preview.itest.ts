// A preview promises what an issue then stores: whatever the plan, the charges, the term and the zone.
import fc from 'fast-check';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { addDays, addMonths } from '../domain/calendar.ts';
import { policyBody, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing, PolicyAnswer, ScheduleAnswer } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(newId());
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

interface Preview extends Pick<ScheduleAnswer, 'total' | 'instalments'> {
  code?: string;
  detail?: string;
  planVersion: number;
}

const months = { type: fc.constantFrom('full_pay', 'annual', 'semiannual', 'quarterly', 'monthly') };
const anyPlan = fc
  .record(
    {
      cadence: fc.oneof(
        { weight: 3, arbitrary: fc.record(months) },
        fc.record({ type: fc.constant('every_n_weeks'), weeks: fc.integer({ min: 1, max: 8 }) }),
        fc.constant({ type: 'custom', unit: 'days', offsets: [0, 31, 45, 200] }),
      ),
      anchor: fc.oneof(
        fc.record({ mode: fc.constant('day_of_month'), day: fc.integer({ min: 1, max: 31 }) }),
        fc.record({ mode: fc.constant('weekday'), weekday: fc.constantFrom('monday', 'sunday') }),
        fc.constant({ mode: 'due_day_choice' }),
      ),
      count: fc.integer({ min: 1, max: 12 }),
      weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
      downPayment: fc.oneof(
        fc.record({ type: fc.constant('percent'), percent: fc.integer({ min: 1, max: 60 }) }),
        fc.record({ type: fc.constant('periods'), periods: fc.integer({ min: 1, max: 3 }) }),
      ),
      instalmentFee: fc.constant([{ currency: 'USD', amount: '3.00' }]),
      prorateStubs: fc.boolean(),
      amountBasis: fc.constantFrom('total', 'per_period'),
      remainderPolicy: fc.constantFrom('spread_first', 'last_absorbs', 'first_absorbs'),
      generateLeadDays: fc.integer({ min: 5, max: 30 }),
      dueLeadDays: fc.integer({ min: 0, max: 30 }),
      autopayLeadDays: fc.integer({ min: 0, max: 5 }),
      blackoutDaysBeforeExpiry: fc.constantFrom(0, 30),
    },
    { requiredKeys: ['cadence'] },
  )
  .map((plan) => ({ name: 'any', label: 'Any', ...plan }));
const anyTerms = fc
  .record({
    startsAfter: fc.integer({ min: -60, max: 800 }),
    lasts: fc.integer({ min: 1, max: 14 }),
    timeZone: fc.constantFrom('America/New_York', 'Europe/Paris', 'Africa/Cairo', 'Pacific/Auckland', 'UTC'),
    premium: fc.integer({ min: 1000, max: 10_000_000 }),
    tax: fc.integer({ min: 0, max: 10_000 }),
    fee: fc.integer({ min: 0, max: 5_000 }),
  })
  .map(({ startsAfter, lasts, timeZone, premium, tax, fee }) => {
    const effectiveDate = addDays(new Date().toISOString().slice(0, 10), startsAfter);
    const charge = (category: string, minor: number) => ({ category, amount: (minor / 100).toFixed(2) });
    const charges = [charge('premium', premium), charge('tax', tax), charge('fee', fee)];
    return { effectiveDate, expirationDate: addMonths(effectiveDate, lasts), timeZone, charges };
  });

/** All that was promised: what came of it since is not. */
const promised = ({ instalments, total }: Pick<ScheduleAnswer, 'total' | 'instalments'>) => ({
  total,
  instalments: instalments.map(({ id: _id, state: _state, pastDue: _pastDue, balance: _balance, ...each }) => each),
});

/** A plan that contradicts itself is not made; its fields are dropped until it does not. */
async function make(plan: Record<string, unknown>): Promise<void> {
  const { status, body } = await api.post<{ errors?: { pointer: string }[] }>('/plans', plan);
  if (status === 201) return;
  expect(status).toBe(400);
  const wrong = new Set((body.errors ?? []).map(({ pointer }) => pointer.split('/')[1]));
  await make(Object.fromEntries(Object.entries(plan).filter(([field]) => !wrong.has(field))));
}

it('the schedule that POST /policies stores is the one that was previewed, or both are refused alike', async () => {
  let stored = 0;
  await fc.assert(
    fc.asyncProperty(anyPlan, anyTerms, async (plan, terms) => {
      await make(plan);
      const body = policyBody({ ...terms, plan: 'any' });
      const preview = await api.post<Preview>('/schedules/preview', body);
      const issued = await api.post<PolicyAnswer & Preview>('/policies', body);
      if (preview.status !== 200) {
        expect([issued.status, issued.body.code, issued.body.detail]).toEqual([
          ...[422, 'plan_not_eligible', preview.body.detail],
        ]);
        return;
      }
      stored += 1;
      const schedule = await scheduleOf(api, issued.body.scheduleId);
      expect(schedule).toMatchObject({ planVersion: preview.body.planVersion });
      expect(promised(schedule)).toEqual(promised(preview.body));
    }),
    { numRuns: 40 },
  );
  expect(stored).toBeGreaterThan(10);
});
