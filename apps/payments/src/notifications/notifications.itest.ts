import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { approvedCharge, chargeRefOf, notificationOf, pay, stateOf, tell, typesOf } from '../testing/notifier.itest.ts';
import { NotificationDesk } from './notification-desk.ts';
import { PurgeNotificationsWorker } from './purge-notifications.worker.ts';

let payments: Payments;
beforeAll(async () => {
  // Only a notification can tell: the resolver's first look is further away than the end of these tests.
  payments = await startPayments({ UNKNOWN_RESOLVE_AFTER_MS: '600000' }, { dayMs: 100, lateAnswerMs: 700 });
});
afterAll(() => payments.stop());

const tenantId = newId();
const collected = ['payment.created', 'payment.processing', 'payment.posted'];
const isApplied = (id: string) => eventually(async () => (await notificationOf(payments, id))?.state === 'applied');

describe('who may tell', () => {
  const told = approvedCharge(`${newId()}_1`, 'ref', 100);

  it('is who signs with the secret, and nobody else', async () => {
    const id = `ntf_${newId()}`;
    expect(await tell(payments, { ...told, id }, 'whsec_c29tZWJvZHkgZWxzZSBlbnRpcmVseQ==')).toBe(401);
    const url = `${payments.service.url}/provider-notifications`;
    const unsigned = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    expect((await fetch(`${url}/sandbox`, unsigned)).status).toBe(401);
    expect((await fetch(`${url}/nobody`, unsigned)).status).toBe(401);
    expect(await notificationOf(payments, id)).toBeUndefined();
    expect(await tell(payments, { ...told, id })).toBe(200);
    expect(await notificationOf(payments, id)).toMatchObject({ state: 'waiting' });
  });

  it('is not refused for a reference that looks like a card number, and it is not kept', async () => {
    const id = `ntf_${newId()}`;
    const data = { ...told.data, trace: '4111111111111111' };
    expect(await tell(payments, { ...told, id, data })).toBe(200);
    const [row] = await payments.sql('SELECT news::text FROM provider_notifications WHERE notification_id = $1', [id]);
    expect(JSON.stringify(row)).not.toContain('4111111111111111');
  });
});

describe('an outcome', () => {
  it('of a bank debit comes days later, and posts it', async () => {
    const { locator, state } = await pay(payments, tenantId, { token: 'tok_ach' });
    expect(state).toBe('ready');
    await eventually(async () => (await stateOf(payments, tenantId, locator)) === 'posted');
    expect(await typesOf(payments, locator)).toEqual(collected);
  });

  it('S-96: after a lost answer is the outcome, of one charge, said once', async () => {
    const { locator, state } = await pay(payments, tenantId, { token: 'tok_timeout_approved' });
    expect(state).toBe('ready');
    await eventually(async () => (await stateOf(payments, tenantId, locator)) === 'posted');
    expect(await typesOf(payments, locator)).toEqual(collected);
    expect(payments.sandbox.charges.ofSubject(locator)).toHaveLength(1);
  });

  it('S-98: told five times, and again later under another id, is one', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_3ds' });
    const [ref, id] = [await chargeRefOf(payments, locator), `ntf_${newId()}`];
    const told = approvedCharge(`${locator}_1`, ref, 10_000);
    await Promise.all(Array.from({ length: 5 }, () => tell(payments, { ...told, id })));
    const again = `ntf_${newId()}`;
    await tell(payments, { ...told, id: again });
    await Promise.all([isApplied(id), isApplied(again)]);
    expect((await typesOf(payments, locator)).filter((type) => type === 'payment.posted')).toHaveLength(1);
  });

  it('in the wrong order takes no step back', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    const ref = await chargeRefOf(payments, locator);
    const ids = [`ntf_${newId()}`, `ntf_${newId()}`] as const;
    const about = { operation: 'charge', key: `${locator}_1`, ref, amountMinor: 10_000, currency: 'USD' };
    await tell(payments, { type: 'outcome', id: ids[0], data: { ...about, status: 'pending' } });
    await tell(payments, { type: 'outcome', id: ids[1], data: { ...about, status: 'requires_action' } });
    await Promise.all(ids.map(isApplied));
    expect(await stateOf(payments, tenantId, locator)).toBe('posted');
    expect(await typesOf(payments, locator)).toEqual(collected);
  });
});

describe('S-103: a success after the no', () => {
  interface Row {
    id: string;
    to_suspense: boolean;
    amount_minor: string;
    provider_ref: string;
    state: string;
  }

  it('is a payment of its own in suspense, once, and the declined one stays declined', async () => {
    const policyLocator = newId();
    const { locator, state } = await pay(payments, tenantId, { token: 'tok_declined_stolen', policyLocator });
    expect(state).toBe('declined');
    const ids = Array.from({ length: 5 }, () => `ntf_${newId()}`);
    await Promise.all(ids.map((id) => tell(payments, { ...approvedCharge(`${locator}_1`, 'late-1', 10_000), id })));
    // Beside the worker, as other processes would.
    const desk = payments.service.app.get(NotificationDesk, { strict: false });
    await Promise.all(Array.from({ length: 5 }, () => desk.applyDue()));
    await Promise.all(ids.map(isApplied));
    const late = await payments.sql<Row>('SELECT * FROM payments WHERE retry_of = $1', [locator]);
    expect(late).toMatchObject([
      {
        state: 'posted',
        to_suspense: true,
        amount_minor: '10000',
        provider_ref: 'late-1',
        policy_locator: policyLocator,
      },
    ]);
    expect(await stateOf(payments, tenantId, locator)).toBe('declined');
    const events = await payments.eventsOf(late[0]!.id);
    expect(events.map(({ type }) => type)).toEqual(['payment.created', 'payment.posted', 'payment.flagged']);
    expect(events.at(-1)?.data).toMatchObject({ toSuspense: true, retryOf: locator, flag: { reason: 'late_success' } });
  });
});

describe('what fits nothing', () => {
  it('waits, for it may only be early, and stands in nobody’s way', async () => {
    const [strange, next] = [`ntf_${newId()}`, `ntf_${newId()}`];
    const data = { chargeRef: newId(), code: 'R01', amountMinor: 100, currency: 'USD', returnedOn: '2026-01-15' };
    await tell(payments, { type: 'returned', id: strange, data });
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    const ref = await chargeRefOf(payments, locator);
    await tell(payments, { ...approvedCharge(`${locator}_1`, ref, 10_000), id: next });
    await isApplied(next);
    expect(await notificationOf(payments, strange)).toMatchObject({
      ...{ state: 'waiting', tries: 1, reason: 'matches nothing', concerned_id: null },
    });
  });

  it('is left to a person after the last try', async () => {
    const id = `ntf_${newId()}`;
    await tell(payments, { ...approvedCharge(`${newId()}_1`, 'ref', 100), id });
    await eventually(async () => (await notificationOf(payments, id))?.tries === 1);
    const last = 'UPDATE provider_notifications SET tries = 7, next_try_at = now() WHERE notification_id = $1';
    await payments.sql(last, [id]);
    await eventually(async () => (await notificationOf(payments, id))?.state === 'unmatched');
  });

  it('or breaks on the way, changes nothing and is tried again, behind the others', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_visa' });
    const id = `ntf_${newId()}`;
    const about = {
      disputeRef: newId(),
      chargeRef: await chargeRefOf(payments, locator),
      amountMinor: 0,
      currency: 'USD',
    };
    const nothing = { feeMinor: 0, reasonCode: 'none', evidenceDueAt: null, decidedOn: null, state: 'opened' };
    await tell(payments, { type: 'dispute', id, data: { ...about, ...nothing } });
    await eventually(async () => (await notificationOf(payments, id))?.tries === 1);
    expect(await notificationOf(payments, id)).toMatchObject({
      ...{ state: 'waiting', reason: expect.stringContaining('disputes_amount_positive') as string },
    });
    expect(await payments.sql('SELECT 1 FROM disputes WHERE payment_id = $1', [locator])).toEqual([]);
  });

  it('is not the business of another operation, nor of another provider', async () => {
    const { locator } = await pay(payments, tenantId, { token: 'tok_3ds' });
    const id = `ntf_${newId()}`;
    const told = approvedCharge(`${locator}_1`, await chargeRefOf(payments, locator), 10_000);
    await tell(payments, { ...told, id, data: { ...told.data, operation: 'capture' } });
    await eventually(async () => (await notificationOf(payments, id))?.tries === 1);
    await payments.sql(`UPDATE payment_attempts SET provider = 'another' WHERE payment_id = $1`, [locator]);
    const other = `ntf_${newId()}`;
    await tell(payments, { ...told, id: other });
    await eventually(async () => (await notificationOf(payments, other))?.tries === 1);
    expect(await stateOf(payments, tenantId, locator)).toBe('ready');
  });
});

describe('what was applied', () => {
  it('is forgotten after a month; what nobody could match is not', async () => {
    const ids = [`ntf_${newId()}`, `ntf_${newId()}`, `ntf_${newId()}`];
    await payments.sql(
      `INSERT INTO provider_notifications (tenant_id, provider, notification_id, kind, news, occurred_at, received_at,
         state, tries, concerned_id, finished_at)
       SELECT $2, 'sandbox', n.id, 'outcome', '{}', now(), now(), n.state, 1,
              CASE n.state WHEN 'applied' THEN $2::uuid END, now() - n.days * interval '1 day'
         FROM unnest($1::text[], ARRAY['applied', 'applied', 'unmatched'], ARRAY[31, 29, 31]) n (id, state, days)`,
      [ids, tenantId],
    );
    payments.service.app.get(PurgeNotificationsWorker, { strict: false }).kick();
    await eventually(async () => (await notificationOf(payments, ids[0]!)) === undefined);
    expect(await notificationOf(payments, ids[1]!)).toMatchObject({ state: 'applied' });
    expect(await notificationOf(payments, ids[2]!)).toMatchObject({ state: 'unmatched' });
  });
});
