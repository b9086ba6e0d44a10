import { getPlan } from '../domain/plan.ts';
import type { StandingInstalment } from '../domain/recut.ts';
import type { Schedule } from '../domain/schedule.ts';
import { buildRecut } from './recut.builder.ts';
import type { BillingDates } from './recut.builder.ts';

const schedule = { tenantId: 't', id: 's', policyLocator: 'p', currency: 'USD' } as Schedule;
const standing: StandingInstalment & BillingDates = {
  ...{ id: 'i1', number: 1, source: 'plan', state: 'scheduled', dueOn: '2025-01-01' },
  ...{ generateAt: new Date('2025-01-01T00:00:00Z'), autopayOn: null },
  period: { start: '2025-01-01', end: '2025-02-01' },
  lines: [
    { chargeId: 'premium', amountMinor: 100n },
    { chargeId: 'tax', amountMinor: 0n },
  ],
};

const plan = getPlan('1year-monthly');
const leads = { plan, timeZone: 'UTC' };

describe('the rows of a schedule that is cut anew', () => {
  it('keep what stays what it was, a line of nothing aside', () => {
    const laid = { ...standing, lines: standing.lines.slice(0, 1) };
    expect(buildRecut({ schedule, instalments: [standing] }, [laid], leads)).toMatchObject({
      superseded: [],
      added: [],
    });
  });

  it('take the place of what is another amount', () => {
    const laid = { ...standing, lines: [{ chargeId: 'premium', amountMinor: 99n }] };
    const { superseded, added } = buildRecut({ schedule, instalments: [standing] }, [laid], leads);
    expect([superseded, added.map(({ number, amountMinor }) => [number, amountMinor])]).toEqual([['i1'], [[1, 99n]]]);
  });

  it.each([
    ['billed earlier', { generateLeadDays: 5 }, '2024-12-27', null],
    ['charged earlier', { autopayLeadDays: 2 }, '2025-01-01', '2024-12-30'],
  ])('take the place of what is %s', (_how, days, generateOn, autopayOn) => {
    const { superseded, added } = buildRecut({ schedule, instalments: [standing] }, [standing], {
      plan: { ...plan, ...days },
      timeZone: 'UTC',
    });
    expect(superseded).toEqual(['i1']);
    expect(added).toMatchObject([{ generateAt: new Date(`${generateOn}T00:00:00Z`), autopayOn }]);
  });
});
