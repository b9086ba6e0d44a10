import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { chargeRefOf, pay, stateOf, tell, typesOf } from '../testing/notifier.itest.ts';
import { WarnDisputesWorker } from './warn-disputes.worker.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments({}, { dayMs: 40 });
});
afterAll(() => payments.stop());

const tenantId = newId();
interface Dispute {
  id: string;
  state: string;
  amount: string;
  fee: string;
  doubleRecovery?: string;
}
interface Page {
  items: Dispute[];
}

const disputesOf = async (locator: string, tenant = tenantId) =>
  (await (await payments.api(tenant)).get<Page>(`/disputes?paymentLocator=${locator}`)).body.items;
const inState = (locator: string, state: string) =>
  eventually(async () => {
    const [dispute] = await disputesOf(locator);
    return dispute?.state === state ? dispute : null;
  });

/** A dispute of a fresh payment of 100.00, told by hand. */
async function disputed(rest: object = {}) {
  const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
  const about = {
    ...{ disputeRef: `dp_${newId()}`, chargeRef: await chargeRefOf(payments, locator), amountMinor: 10_000 },
    ...{ currency: 'USD', feeMinor: 1_500, reasonCode: 'fraudulent', decidedOn: null },
    ...{ evidenceDueAt: new Date(Date.now() + 7 * 86_400_000).toISOString(), ...rest },
  };
  const say = (state: string, decidedOn: string | null = null) =>
    tell(payments, { type: 'dispute', data: { ...about, state, decidedOn } });
  return { locator, say };
}

const disputedMinorOf = async (locator: string) => {
  const [row] = await payments.sql<{ disputed_minor: string }>('SELECT * FROM payments WHERE id = $1', [locator]);
  return Number(row!.disputed_minor);
};

describe('a dispute', () => {
  it('that is lost takes the payment back', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_dispute_lost' });
    const dispute = await inState(locator, 'lost');
    expect(dispute).toMatchObject({ amount: '100.00', fee: '15.00', currency: 'USD', stage: 'chargeback' });
    expect(dispute.doubleRecovery).toBeUndefined();
    expect(await stateOf(payments, tenantId, locator)).toBe('returned');
    expect(await typesOf(payments, dispute.id)).toEqual(['dispute.opened', 'dispute.lost']);
    const event = (await payments.eventsOf(locator)).at(-1);
    expect(event).toMatchObject({ type: 'payment.returned', data: { return: { scheme: 'card', code: 'chargeback' } } });
    expect(await disputedMinorOf(locator)).toBe(0);
  });

  it('that is won leaves the payment as it was', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_dispute_won' });
    const dispute = await inState(locator, 'won');
    expect(await stateOf(payments, tenantId, locator)).toBe('posted');
    expect(await typesOf(payments, dispute.id)).toEqual(['dispute.opened', 'dispute.won']);
    expect(await disputedMinorOf(locator)).toBe(0);
  });

  it('holds the amount while it is open, and follows what a person did about it', async () => {
    const { locator, say } = await disputed();
    await say('opened');
    const { id } = await inState(locator, 'opened');
    expect(await disputedMinorOf(locator)).toBe(10_000);
    const api = await payments.api(tenantId);
    expect(await api.post(`/disputes/${id}/challenge`, {})).toMatchObject({
      status: 200,
      body: { state: 'challenged' },
    });
    expect(await api.post(`/disputes/${id}/accept`, {})).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', allowedActions: [] },
    });
    expect((await api.get<Dispute>(`/disputes/${id}`)).body.state).toBe('challenged');
    expect(await typesOf(payments, id)).toEqual(['dispute.opened', 'dispute.updated']);
    await say('won', '2026-02-03');
    await inState(locator, 'won');
  });

  it('is told in any order, and any number of times', async () => {
    const { locator, say } = await disputed();
    await say('lost', '2026-02-03');
    await Promise.all([say('opened'), say('lost', '2026-02-03'), say('challenged'), say('opened')]);
    const { id } = await inState(locator, 'lost');
    await eventually(
      async () => (await payments.sql(`SELECT 1 FROM provider_notifications WHERE state = 'waiting'`)).length === 0,
    );
    expect(await typesOf(payments, id)).toEqual(['dispute.opened', 'dispute.lost']);
    expect((await typesOf(payments, locator)).filter((type) => type === 'payment.returned')).toHaveLength(1);
    await say('won', '2026-02-04');
    await eventually(async () => (await typesOf(payments, locator)).at(-1) === 'payment.flagged');
    const flagged = (await payments.eventsOf(locator)).at(-1);
    expect(flagged?.data).toMatchObject({ state: 'returned', flag: { reason: 'contradiction' } });
    expect((await disputesOf(locator))[0]?.state).toBe('lost');
  });

  it('S-95: of 100.00 after a refund of 40.00 is 140.00 out, of which 40.00 is for a person', async () => {
    const { locator, say } = await disputed();
    await payments.sql('UPDATE payments SET refunded_minor = 4000 WHERE id = $1', [locator]);
    await say('lost', '2026-02-03');
    const dispute = await inState(locator, 'lost');
    expect(dispute.doubleRecovery).toBe('40.00');
    const events = await payments.eventsOf(locator);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['payment.returned', 'payment.flagged']);
    expect(events.at(-1)?.data).toMatchObject({
      ...{ amountRefunded: { amountMinor: 4_000 }, amount: { amountMinor: 10_000 } },
      flag: { reason: 'double_recovery', amount: { amountMinor: 4_000 } },
    });
    const lost = (await payments.eventsOf(dispute.id)).at(-1);
    expect(lost).toMatchObject({ type: 'dispute.lost', data: { doubleRecovery: { amountMinor: 4_000 } } });
  });

  it('of a part leaves the payment posted, for a person', async () => {
    const { locator, say } = await disputed({ amountMinor: 4_000 });
    await say('lost', '2026-02-03');
    await inState(locator, 'lost');
    expect(await stateOf(payments, tenantId, locator)).toBe('posted');
    const flagged = (await payments.eventsOf(locator)).at(-1);
    expect(flagged?.data).toMatchObject({ flag: { reason: 'amount_mismatch', amount: { amountMinor: 4_000 } } });
  });
});

describe('disputes', () => {
  it("are listed by payment and state, and are nobody else's", async () => {
    const { locator, say } = await disputed();
    await say('opened');
    const { id } = await inState(locator, 'opened');
    const api = await payments.api(tenantId);
    const ids = async (query: string) => (await api.get<Page>(`/disputes?${query}`)).body.items.map((one) => one.id);
    expect(await ids(`paymentLocator=${locator}&state=opened`)).toEqual([id]);
    expect(await ids(`paymentLocator=${locator}&state=lost`)).toEqual([]);
    expect((await api.get('/disputes?state=maybe')).status).toBe(400);
    const stranger = await payments.api(newId());
    expect((await stranger.get(`/disputes/${id}`)).status).toBe(404);
    expect((await stranger.post(`/disputes/${id}/accept`, {})).status).toBe(404);
    expect(await disputesOf(locator, newId())).toEqual([]);
    const reader = await payments.api(tenantId, { granted: ['payments:read'] });
    expect((await reader.post(`/disputes/${id}/accept`, {})).status).toBe(403);
  });

  it('are warned of once, three days before their evidence is due', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const [near, far] = [await disputed({ evidenceDueAt: inDays(2.9) }), await disputed({ evidenceDueAt: inDays(4) })];
    await Promise.all([near.say('opened'), far.say('opened')]);
    const ids = [(await inState(near.locator, 'opened')).id, (await inState(far.locator, 'opened')).id] as const;
    const warnedAt = async (id: string) => {
      const [row] = await payments.sql<{ warned_at: Date | null }>('SELECT * FROM disputes WHERE id = $1', [id]);
      return row!.warned_at;
    };
    const warn = () => payments.service.app.get(WarnDisputesWorker, { strict: false }).kick();
    warn();
    const first = await eventually(() => warnedAt(ids[0]));
    // The next one that is warned of shows that the round after went by the first.
    await payments.sql('UPDATE disputes SET evidence_due_at = $2 WHERE id = $1', [ids[1], inDays(1)]);
    warn();
    await eventually(() => warnedAt(ids[1]));
    expect(await warnedAt(ids[0])).toEqual(first);
  });
});
