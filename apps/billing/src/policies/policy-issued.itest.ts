import type { EventData } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, policyBody, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

type Issued = EventData<'policy.issued'>;

function issued(tenantId: string, said: Partial<Issued> = {}) {
  const data = { ...policyBody(), policyLocator: newId(), ...said } as Issued;
  return eventOf({ type: 'policy.issued', tenantId, subject: data.policyLocator, data });
}
const policyLocatorOf = ({ data }: ReturnType<typeof issued>) => (data as Issued).policyLocator;
const letterAbout = (text: string) =>
  eventually(async () => {
    const letters = await billing.deadLetters();
    return letters.find(({ body }) => Buffer.from(body).includes(text)) ?? null;
  });

describe('policy.issued', () => {
  it('does what POST /policies does, under the locator of the sender', async () => {
    const tenantId = newId();
    const event = issued(tenantId);
    const locator = policyLocatorOf(event);
    await billing.publish(event);
    const api = await billing.api(tenantId);
    const { body } = await eventually(async () => {
      const answer = await api.get<{ scheduleId: string }>(`/policies/${locator}`);
      return answer.status === 200 ? answer : null;
    });
    const schedule = await api.get<{ total: string; instalments: { amount: string }[] }>(
      `/schedules/${body.scheduleId}`,
    );
    expect(schedule.body).toMatchObject({ total: '308.00' });
    expect(schedule.body.instalments.map(({ amount }) => amount).slice(0, 9)).toEqual([
      ...Array.from({ length: 8 }, () => '25.67'),
      '25.66',
    ]);
    const said = await billing.eventsOf(tenantId);
    expect(said.map(({ type }) => type)).toEqual([
      'policy_transaction.applied',
      'schedule.created',
      'schedule.activated',
      'invoice.issued',
      'instalment.billed',
      'instalment.due',
    ]);
    expect(new Set(said.map(({ causationid }) => causationid))).toEqual(new Set([event.id]));
  });

  it('has its effect once, however often it is said, by the same event or by another', async () => {
    const tenantId = newId();
    const event = issued(tenantId);
    const marker = issued(tenantId);
    await billing.publish(event, event, { ...event, id: newId() }, event, marker);
    await eventually(async () => (await billing.eventsOf(tenantId)).length === 12);
    expect(await billing.sql('SELECT locator FROM policies WHERE tenant_id = $1', [tenantId])).toHaveLength(2);
    expect((await billing.deadLetters()).filter(({ reason }) => reason.includes('conflict'))).toEqual([]);
  });

  it('with other content is a dead letter and changes nothing', async () => {
    const tenantId = newId();
    const event = issued(tenantId);
    await billing.publish(event);
    const locator = policyLocatorOf(event);
    await eventually(async () => (await billing.eventsOf(tenantId)).length === 6);
    const other = issued(tenantId, { ...(event.data as Issued), plan: 'full-pay' });
    await billing.publish(other);
    expect(await letterAbout(other.id)).toMatchObject({
      service: 'billing',
      stream: 'POLICY',
      reason: 'policy_conflict',
    });
    expect(await billing.eventsOf(tenantId)).toHaveLength(6);
    const api = await billing.api(tenantId);
    expect((await api.get(`/policies/${locator}`)).body).toMatchObject({ plan: '1year-monthly' });
  });

  it('in another tenant is another policy, though the locator is the same', async () => {
    const [one, two] = [newId(), newId()];
    const event = issued(one);
    await billing.publish(event, issued(two, { ...(event.data as Issued), plan: 'full-pay' }));
    await eventually(async () => (await billing.eventsOf(two)).length === 6);
    expect(await billing.eventsOf(one)).toHaveLength(6);
  });

  it('that cannot be read is a dead letter that names every wrong field, and holds nobody up', async () => {
    const tenantId = newId();
    const charges = [{ category: 'premium' as const, amount: '280.005' }];
    const bad = issued(tenantId, { charges, timeZone: 'Nowhere' });
    const good = issued(tenantId);
    await billing.publish(bad, good);
    const { reason } = await letterAbout(bad.id);
    expect(reason).toContain('/charges/0/amount USD has 2 decimals');
    expect(reason).toContain('/timeZone must be an IANA time zone');
    await eventually(async () => (await billing.eventsOf(tenantId)).length === 6);
  });

  it('with a plan that does not fit is a dead letter with the rule', async () => {
    const event = issued(newId(), { effectiveDate: '2025-01-01', expirationDate: '2028-01-01' });
    await billing.publish(event);
    expect((await letterAbout(event.id)).reason).toContain('plan_not_eligible');
  });

  it('with card data is a dead letter without it, and nothing else', async () => {
    const bad = issued(newId(), { policyNumber: '4111 1111 1111 1111' });
    const good = issued(newId());
    await billing.publish(bad, good);
    const { reason, body } = await letterAbout(bad.id);
    expect(reason).toBe('data: holds card data in 1 place');
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ data: { policyNumber: '**** **** **** 1111' } });
    await eventually(async () => (await billing.eventsOf(good.tenantid)).length === 6);
    expect(await billing.eventsOf(bad.tenantid)).toEqual([]);
  });
});
