import type { Period } from '../domain/calendar.ts';
import { planOf } from '../domain/plan.ts';
import { planSchedule } from '../domain/schedule.ts';
import { buildSchedule } from './schedule.builder.ts';
import type { ScheduleParts } from './schedule.builder.ts';

/** The instalments of a monthly plan, as rows, in a zone. */
function built(timeZone: string, term: Period, leads = { generateLeadDays: 20, autopayLeadDays: 2 }) {
  const plan = planOf({ name: 'p', label: 'P', version: 3, cadence: { type: 'monthly' }, ...leads });
  const premium = { category: 'premium', code: null, amountMinor: 30_800n, handling: 'proratable' } as const;
  const planned = planSchedule([premium], plan, { term, currency: 'USD' });
  const parts = {
    policy: { tenantId: 't', locator: 'l', currency: 'USD', timeZone, plan: plan.name },
    transaction: { id: 'x', termNumber: 1, createdAt: new Date(0) },
    charges: planned.charges.map((charge) => ({ ...charge, id: 'c' })),
  } as unknown as ScheduleParts;
  return buildSchedule(planned, parts);
}

const term = { start: '2025-03-09', end: '2025-05-09' };
const instants = (timeZone: string, of: Period) =>
  built(timeZone, of).instalments.map(({ generateAt, autopayAt, dueAt }) =>
    [generateAt, autopayAt, dueAt].map((at) => at?.toISOString().slice(0, 16)),
  );

describe('dates of a plan become the first instants of these dates in the zone of the policy', () => {
  it.each([
    [
      'New York, over 9 March 2025, when clocks go forward',
      'America/New_York',
      ['2025-02-17T05:00', '2025-03-07T05:00', '2025-03-09T05:00'],
      ['2025-03-20T04:00', '2025-04-07T04:00', '2025-04-09T04:00'],
    ],
    [
      'Paris, over 30 March 2025',
      'Europe/Paris',
      ['2025-02-16T23:00', '2025-03-06T23:00', '2025-03-08T23:00'],
      ['2025-03-19T23:00', '2025-04-06T22:00', '2025-04-08T22:00'],
    ],
    [
      'Kathmandu, three quarters of an hour off',
      'Asia/Kathmandu',
      ['2025-02-16T18:15', '2025-03-06T18:15', '2025-03-08T18:15'],
      ['2025-03-19T18:15', '2025-04-06T18:15', '2025-04-08T18:15'],
    ],
  ])('%s', (_what, zone, first, second) => {
    expect(instants(zone, term)).toEqual([first, second]);
  });

  it.each([
    ['Africa/Cairo', '2025-04-25', '2025-04-24T22:00'],
    ['Asia/Beirut', '2025-03-30', '2025-03-29T22:00'],
    ['America/Havana', '2025-03-09', '2025-03-09T05:00'],
  ])('%s on %s, which begins at 01:00', (zone, date, at) => {
    expect(instants(zone, { start: date, end: '2025-05-01' })[0]?.[2]).toBe(at);
  });
});

it('names the version of the plan, and a charge on another date than the due date only where there is one', () => {
  const { schedule, instalments } = built('UTC', term);
  expect(schedule).toMatchObject({ plan: 'p', planVersion: 3, totalMinor: 30_800n });
  expect(instalments[0]).toMatchObject({ dueOn: '2025-03-09', autopayOn: '2025-03-07', source: 'plan' });
  const without = built('UTC', term, { generateLeadDays: 20, autopayLeadDays: 0 });
  expect(without.instalments[0]).toMatchObject({ autopayOn: null, autopayAt: null });
});
