import { sampleOf } from '@quittance/events/catalogue';
import type { EventData } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
let tenantId: string;
let api: Api;

beforeAll(async () => {
  billing = await startBilling();
});
beforeEach(async () => {
  tenantId = newId();
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface Shown {
  id: string;
  payment_link_id: string;
  status: string;
  next_charge_date: string | null;
  review_reason?: string;
}
interface Page {
  data: Shown[];
  page: number;
  limit: number;
  total: number;
}
type LinkData = EventData<'payment_link.completed'>;

const list = async (query = '') => (await api.get<Page>(`/api/v1/subscriptions${query}`)).body;
const startedBy = (linkId: string) =>
  eventually(async () => {
    const { data } = await list();
    return data.find((each) => each.payment_link_id === linkId);
  });

/** The link of the seed: 2,500.00 down and ten of 750.00. */
function link(said: Partial<LinkData> = {}) {
  const linkId = newId();
  const of = (type: 'payment_link.completed' | 'payment_link.refunded', sequence: number) =>
    eventOf({
      ...{ type, tenantId, subject: linkId, sequence },
      data: { ...sampleOf(type), linkId, completedTimestamp: '2025-01-31T23:30:00.000Z', ...said },
    });
  return { linkId, completed: of('payment_link.completed', 1), refunded: of('payment_link.refunded', 2) };
}

describe('payment_link.completed', () => {
  it('with a plan starts its subscription, the first charge one interval after', async () => {
    const { linkId, completed } = link();
    await billing.publish(completed);
    const subscription = await startedBy(linkId);
    expect(subscription).toEqual({
      ...{ id: expect.any(String) as string, status: 'active', amount_cents: 75_000, currency: 'USD', count: 10 },
      ...{ interval: 'monthly', collected_count: 0, next_charge_date: '2025-02-28', customer: {} },
      ...{ employer_id: '681xyz789abc123456789012', carrier_id: '680abc456def789012345678' },
      ...{ policy_id: '682def789ghi012345678901', payment_link_id: linkId },
      created_at: expect.any(String) as string,
    });
    expect(await billing.eventsAbout(subscription.id)).toMatchObject([
      {
        ...{ type: 'subscription.created', sequence: '0000000001', causationid: completed.id },
        data: { linkId, status: 'active', amount: { amount: '750.00' }, nextChargeDate: '2025-02-28', count: 10 },
      },
    ]);
    expect((await api.get(`/api/v1/subscriptions/${subscription.id}`)).body).toEqual(subscription);
  });

  it('S-98: told five times, and by other events, starts one', async () => {
    const { linkId, completed } = link();
    const again = { ...completed, id: newId() };
    await billing.publish(completed, completed, completed, completed, completed, again);
    const marker = link();
    await billing.publish(marker.completed);
    await startedBy(marker.linkId);
    const { total, data } = await list();
    expect(total).toBe(2);
    expect(data.filter((each) => each.payment_link_id === linkId)).toHaveLength(1);
  });

  it('without a plan starts none', async () => {
    const { completed } = link();
    const plain = Object.fromEntries(Object.entries(completed.data).filter(([name]) => !name.endsWith('Plan')));
    const marker = link();
    await billing.publish({ ...completed, data: plain as unknown as LinkData }, marker.completed);
    await startedBy(marker.linkId);
    expect((await list()).total).toBe(1);
  });

  it.each([
    ['Europe/Helsinki', '2025-02-01', '2025-03-01'],
    ['America/New_York', '2025-01-31', '2025-02-28'],
  ])('counts from the date in %s, %s, of a policy that is known: %s', async (timeZone, _anchor, next) => {
    const { policy } = await issue(api, { timeZone });
    const { linkId, completed } = link({ policyId: policy.locator });
    await billing.publish(completed);
    expect((await startedBy(linkId)).next_charge_date).toBe(next);
  });
});

describe('GET /api/v1/subscriptions', () => {
  it('filters, and numbers its pages', async () => {
    const links = [link(), link({ carrierId: 'other' }), link({ employerId: 'other', policyId: 'POL-2' })];
    await billing.publish(...links.map(({ completed }) => completed));
    await Promise.all(links.map(({ linkId }) => startedBy(linkId)));
    const totals = ['', '?carrier_id=other', '?employer_id=other', '?policy_id=POL-2', '?status=cancelled'];
    expect(await Promise.all(totals.map(async (query) => (await list(query)).total))).toEqual([3, 1, 1, 1, 0]);
    const [first, second] = [await list('?limit=2'), await list('?limit=2&page=2&status=active')];
    expect([first.data.length, second.data.length]).toEqual([2, 1]);
    expect(second).toMatchObject({ page: 2, limit: 2, total: 3 });
    expect((await api.get('/api/v1/subscriptions?status=paused')).status).toBe(400);
    expect((await api.get('/api/v1/subscriptions?limit=101')).status).toBe(400);
  });
});

describe('DELETE /api/v1/subscriptions/{id}', () => {
  it('cancels once', async () => {
    const { linkId, completed } = link();
    await billing.publish(completed);
    const { id } = await startedBy(linkId);
    expect(await api.send('DELETE', `/api/v1/subscriptions/${id}`)).toMatchObject({
      status: 200,
      body: { id, status: 'cancelled', next_charge_date: null },
    });
    expect(await api.send('DELETE', `/api/v1/subscriptions/${id}`)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', allowedActions: [] },
    });
    expect((await billing.eventsAbout(id)).map(({ type }) => type)).toEqual([
      'subscription.created',
      'subscription.cancelled',
    ]);
  });

  it("knows nothing of another tenant's", async () => {
    const { linkId, completed } = link();
    await billing.publish(completed);
    const { id } = await startedBy(linkId);
    const stranger = await billing.api(newId());
    const answers = [
      await stranger.get(`/api/v1/subscriptions/${id}`),
      await stranger.send('DELETE', `/api/v1/subscriptions/${id}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect((await list()).data).toMatchObject([{ id, status: 'active' }]);
  });
});

describe('payment_link.refunded', () => {
  it('S-102: cancels the subscription of which nothing was collected', async () => {
    const { linkId, completed, refunded } = link();
    await billing.publish(completed, refunded);
    const { id } = await startedBy(linkId);
    await billing.said('subscription.cancelled', id);
    expect((await list()).data).toMatchObject([{ status: 'cancelled', next_charge_date: null }]);
  });

  it('S-102: leaves it to a person where something was', async () => {
    const { linkId, completed, refunded } = link();
    await billing.publish(completed);
    const { id } = await startedBy(linkId);
    await billing.sql('UPDATE subscriptions SET collected_count = 1 WHERE id = $1', [id]);
    await billing.publish(refunded);
    await eventually(async () => (await startedBy(linkId)).review_reason === 'down_payment_refunded');
    expect((await list()).data).toMatchObject([{ status: 'active', next_charge_date: '2025-02-28' }]);
  });
});
