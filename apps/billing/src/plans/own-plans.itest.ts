import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, policyBody, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  api = await billing.api(newId());
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

interface Problem {
  code: string;
  errors?: { pointer?: string; parameter?: string; detail: string }[];
}
const planBody = (said: Record<string, unknown> = {}) => ({
  ...{ name: 'monthly-on-choice', label: 'Monthly, on the day you choose', cadence: { type: 'monthly' } },
  ...said,
});
const places = ({ errors = [] }: Problem) => [...new Set(errors.map(({ pointer, parameter }) => pointer ?? parameter))];
const builtIn = [
  'full-pay',
  '1year-monthly',
  '1year-quarterly',
  '20-down-9-monthly',
  '1year-semiannual',
  '1year-weekly',
];
const fee = [{ currency: 'USD', amount: '3.00' }];

describe('a policy by a plan of the tenant', () => {
  const offered = async (said: Record<string, unknown> = {}) => {
    const { plan: _plan, ...terms } = policyBody(said);
    const { body } = await api.post<{ plans: Record<string, unknown>[] }>('/schedules/preview', terms);
    return body.plans;
  };

  it('is offered by its first amount, before the built-in ones', async () => {
    await api.post('/plans', planBody({ instalmentFee: fee, downPayment: { type: 'percent', percent: 25 } }));
    expect((await offered())[0]).toEqual({
      ...{ plan: 'monthly-on-choice', planVersion: 1, label: 'Monthly, on the day you choose' },
      ...{ instalmentCount: 12, total: '341.00', firstInstalmentAmount: '77.00' },
    });
    expect((await offered({ currency: 'EUR' })).map(({ plan }) => plan)).toEqual(builtIn);
  });

  it('S-15: has its fees as a charge, its own lines and its total, and the version in force', async () => {
    await api.post('/plans', planBody());
    await api.post('/plans', planBody({ instalmentFee: fee }));
    const charges = [{ category: 'premium', amount: '308.00' }];
    const { policy, schedule } = await issue(api, { plan: 'monthly-on-choice', charges });
    expect(policy).toMatchObject({
      charges: [
        { category: 'premium', amount: '308.00', handling: 'proratable' },
        { category: 'fee', code: 'instalment_fee', amount: '33.00', handling: 'fully_earned' },
      ],
    });
    expect(schedule).toMatchObject({ total: '341.00', plan: 'monthly-on-choice', planVersion: 2 });
    expect(schedule.instalments.map(({ amount }) => amount)).toEqual([
      '25.67',
      ...Array.from({ length: 7 }, () => '28.67'),
      ...Array.from({ length: 4 }, () => '28.66'),
    ]);
    expect(schedule.instalments[1]?.lines).toEqual([
      { category: 'premium', amount: '25.67' },
      { category: 'fee', code: 'instalment_fee', amount: '3.00' },
    ]);
  });

  it('stays by the version that it was issued by, with the day that its holder chose', async () => {
    await api.post(
      '/plans',
      planBody({ anchor: { mode: 'due_day_choice' }, generateLeadDays: 20, autopayLeadDays: 3 }),
    );
    const said = { plan: 'monthly-on-choice', dueDay: 31, effectiveDate: '2030-01-15', timeZone: 'America/New_York' };
    const { policy, schedule } = await issue(api, said);
    expect(policy).toMatchObject({ dueDay: 31 });
    expect(schedule.instalments[1]).toMatchObject({
      ...{ dueOn: '2030-02-28', generateOn: '2030-02-08', autopayOn: '2030-02-25', periodEnd: '2030-03-31' },
    });
    await api.post('/plans', planBody({ cadence: { type: 'full_pay' } }));
    expect(await scheduleOf(api, policy.scheduleId)).toEqual(schedule);
    expect(schedule).toMatchObject({ planVersion: 1 });
  });

  it('S-23, S-24: has the amounts that its periods come to', async () => {
    const said = { amountBasis: 'per_period', prorateStubs: true, anchor: { mode: 'day_of_month', day: 1 } };
    await api.post('/plans', planBody(said));
    const { policy, schedule } = await issue(api, {
      ...{ plan: 'monthly-on-choice', effectiveDate: '2030-01-20', expirationDate: '2030-06-17' },
      charges: [{ category: 'premium', amount: '100.00' }],
    });
    expect(schedule.instalments.map(({ amount }) => amount)).toEqual([
      '38.71',
      ...Array.from({ length: 4 }, () => '100.00'),
      '53.33',
    ]);
    expect(policy).toMatchObject({ charges: [{ amount: '492.04' }] });
  });

  it('S-07: may have a tax of less than a cent for each instalment', async () => {
    const charges = [
      { category: 'tax', amount: '0.07' },
      { category: 'premium', amount: '308.00' },
    ];
    const { schedule } = await issue(api, { charges });
    const taxes = schedule.instalments.flatMap(({ lines }) => lines).filter(({ category }) => category === 'tax');
    expect(taxes.filter(({ amount }) => amount === '0.01')).toHaveLength(7);
  });

  it("may not name another tenant's plan", async () => {
    await api.post('/plans', planBody());
    const stranger = await billing.api(newId());
    const { status, body } = await stranger.post<Problem>('/policies', policyBody({ plan: 'monthly-on-choice' }));
    expect([status, body.code, places(body)]).toEqual([400, 'invalid_policy', ['/plan']]);
  });

  it('may come as an event, each tenant by its own plan of that name', async () => {
    const tenants = [newId(), newId()];
    const counts = [3, 4];
    for (const [index, tenantId] of tenants.entries()) {
      await (await billing.api(tenantId)).post('/plans', planBody({ count: counts[index] }));
    }
    const { policyNumber, ...rest } = policyBody({ plan: 'monthly-on-choice' });
    const data = { ...rest, policyNumber, policyLocator: newId() } as never;
    await billing.publish(...tenants.map((tenantId) => eventOf({ type: 'policy.issued', tenantId, data })));
    for (const [index, tenantId] of tenants.entries()) {
      const created = await eventually(async () =>
        (await billing.eventsOf(tenantId)).find(({ type }) => type === 'schedule.created'),
      );
      expect(created.data).toMatchObject({ instalments: { length: counts[index] } });
    }
  });

  it('that is not known makes an event a dead letter with the reason', async () => {
    const tenantId = newId();
    const data = { ...policyBody({ plan: 'never-made' }), policyLocator: newId() } as never;
    const event = eventOf({ type: 'policy.issued', tenantId, data });
    await billing.publish(event);
    const letter = await eventually(async () =>
      (await billing.deadLetters()).find(({ body }) => Buffer.from(body).toString().includes(event.id)),
    );
    expect(letter.reason).toContain('invalid_policy');
  });
});
