import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { sampleOf } from '@quittance/events/catalogue';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { addMonths } from '../domain/calendar.ts';
import { SweepService } from '../sweep/sweep.service.ts';
import { eventOf, issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { desk, inDays, linkOf, path, periodLinkOf, planOf, sweepAll } from '../testing/payment-links/harness.itest.ts';
import type { Due, Shown } from '../testing/payment-links/harness.itest.ts';

let billing: Billing;
let tenantId: string;
let api: Api;
let at: ReturnType<typeof desk>;

beforeAll(async () => {
  // The worker is as good as off: the sweeps of these tests are the only ones.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
beforeEach(async () => {
  tenantId = newId();
  api = await billing.api(tenantId);
  at = desk(billing, tenantId, api);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

const today = () => new Date().toISOString().slice(0, 10);
/** Paid a month ago: the first charge is due. */
const monthAgo = () => ({ completedTimestamp: `${addMonths(today(), -1)}T12:00:00.000Z` });
const startDue = async () => {
  const { id } = await at.start(monthAgo());
  await sweepAll(billing, new Date());
  return { id, due: await at.lastDue(id) };
};
const invoiceOf = async ({ invoiceLocator }: Due) =>
  (await api.get<{ state: string; balance: string }>(`/invoices/${invoiceLocator}`)).body;
const create = async (said: object = {}) => {
  const owners = { employer_id: 'E-1', carrier_id: 'C-1', policy_id: 'P-1' };
  const body = { ...owners, amount_cents: 75_000, customer: { email: 'pay@smith.example' }, ...said };
  const { id } = (await api.post<Shown>(path, body)).body;
  return { id, due: await at.lastDue(id) };
};

describe('a period that is due', () => {
  it('is an invoice, and asks for the charge of the stored method', async () => {
    const { id, due } = await startDue();
    expect(due).toMatchObject({
      ...{ subscriptionId: id, number: 1, attempt: 1, collection: 'automatic' },
      ...{ paymentMethodId: sampleOf('payment_link.completed').paymentMethodId, balance: usd(75_000) },
      ...{ policyLocator: '682def789ghi012345678901', policyholderLocator: '681xyz789abc123456789012' },
    });
    const issued = await billing.said('invoice.issued', due.invoiceLocator);
    expect(issued.data).toMatchObject({
      ...{ type: 'subscription', subscriptionId: id, dueOn: due.dueOn, total: usd(75_000) },
      items: [{ category: 'premium', amount: usd(75_000) }],
    });
    expect(await at.get(id)).toMatchObject({ status: 'active', collected_count: 0 });
  });

  it('S-98: is collected by its payment once, however often that is told', async () => {
    const { id, due } = await startDue();
    const event = at.posted(due);
    await billing.publish(event, event, { ...event, id: newId() });
    await at.collectedIs(id, 1);
    const marker = await startDue();
    await billing.publish(at.posted(marker.due));
    await at.collectedIs(marker.id, 1);
    expect(await at.get(id)).toMatchObject({ status: 'active', collected_count: 1 });
    expect(await invoiceOf(due)).toMatchObject({ state: 'paid', balance: '0.00' });
  });

  it('S-12: ten of them are 7,500.00, and then the subscription is completed', async () => {
    const { id } = await at.start();
    for (let number = 1; number <= 10; number += 1) {
      await sweepAll(billing, new Date(`${addMonths('2025-01-31', number)}T12:00:00Z`));
      const due = await at.lastDue(id);
      expect(due).toMatchObject({ number, dueOn: addMonths('2025-01-31', number) });
      await billing.publish(at.posted(due));
      await at.collectedIs(id, number);
    }
    expect(await at.get(id)).toMatchObject({ status: 'completed', collected_count: 10, next_charge_date: null });
    expect(await at.typesOf(id)).toEqual(['created', ...Array.from({ length: 10 }, () => 'due'), 'completed']);
    const [row] = await billing.sql<{ sum: string }>('SELECT sum(amount_minor) FROM allocations WHERE tenant_id = $1', [
      tenantId,
    ]);
    expect(row?.sum).toBe('750000');
    await sweepAll(billing, new Date('2026-01-31T12:00:00Z'));
    expect(await at.dues(id)).toHaveLength(10);
  });

  it('S-27: after an outage every missed period once, with its own dates, however many replicas sweep', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, async () => (await at.start()).id));
    const now = new Date('2025-07-31T12:00:00Z');
    const totals = await Promise.all(Array.from({ length: 4 }, () => sweepAll(billing, now)));
    await sweepAll(billing, now);
    expect(totals.reduce((sum, each) => sum + each, 0)).toBe(8 * 6);
    for (const id of ids) {
      const dues = await at.dues(id);
      expect(dues.map(({ number, dueOn }) => [number, dueOn])).toEqual([
        ...[[1, '2025-02-28']],
        ...[[2, '2025-03-31']],
        ...[[3, '2025-04-30']],
        ...[[4, '2025-05-31']],
        ...[[5, '2025-06-30']],
        ...[[6, '2025-07-31']],
      ]);
      expect(new Set(dues.flatMap(({ periodId, invoiceLocator }) => [periodId, invoiceLocator])).size).toBe(12);
    }
  });
});

describe('a period that fails', () => {
  it('is past due, is tried again the next day, and recovers', async () => {
    const { id, due } = await startDue();
    await billing.publish(at.failed(due, true));
    await at.statusIs(id, 'past_due');
    await sweepAll(billing, new Date());
    expect(await at.dues(id)).toHaveLength(1);
    await sweepAll(billing, inDays(1));
    const again = await at.lastDue(id);
    expect(again).toMatchObject({ periodId: due.periodId, attempt: 2, collection: 'automatic', status: 'past_due' });
    await billing.publish(at.posted(again));
    await at.statusIs(id, 'active');
    expect(await at.typesOf(id)).toEqual(['created', 'due', 'past_due', 'due', 'recovered']);
    await sweepAll(billing, inDays(8));
    expect(await at.dues(id)).toHaveLength(2);
  });

  it('for good asks the customer by a link', async () => {
    const { id, due } = await startDue();
    await billing.publish(at.failed(due, false));
    const asked = await eventually(async () => (await at.dues(id))[1]);
    expect(asked).toMatchObject({ periodId: due.periodId, attempt: 2, collection: 'invoice', status: 'past_due' });
    await billing.publish(at.paid(asked));
    await at.statusIs(id, 'active');
    expect(await at.get(id)).toMatchObject({ collected_count: 1 });
  });

  it('on D+1, 3, 5 and 7, too, asks the customer after the last of them', async () => {
    const { id } = await startDue();
    for (const [index, days] of [1, 3, 5, 7].entries()) {
      const due = await at.lastDue(id);
      await billing.publish(at.failed(due, true));
      await eventually(async () => (await waiting(id)) === 1);
      await sweepAll(billing, inDays(days));
      expect(await at.lastDue(id)).toMatchObject({ attempt: index + 2, collection: 'automatic' });
    }
    await billing.publish(at.failed(await at.lastDue(id), true));
    await eventually(async () => (await at.lastDue(id)).collection === 'invoice');
    expect(await at.get(id)).toMatchObject({ status: 'past_due', collected_count: 0 });
  });

  it('is not tried again once it was paid another way, or its subscription is cancelled', async () => {
    const [one, other] = [await startDue(), await startDue()];
    await billing.publish(at.failed(one.due, true), at.failed(other.due, true));
    await Promise.all([at.statusIs(one.id, 'past_due'), at.statusIs(other.id, 'past_due')]);
    await billing.publish(at.paid(one.due));
    await at.statusIs(one.id, 'active');
    expect((await api.send('DELETE', `${path}/${other.id}`)).status).toBe(200);
    await sweepAll(billing, inDays(2));
    expect([await at.dues(one.id), await at.dues(other.id)].map(({ length }) => length)).toEqual([1, 1]);
    // What was billed stays owed, and is counted when it is paid nevertheless.
    await billing.publish(at.paid(other.due));
    await at.collectedIs(other.id, 1);
    expect(await at.get(other.id)).toMatchObject({ status: 'cancelled' });
  });

  it('S-102: is not tried again once the down payment went back and the subscription ended with it', async () => {
    const { linkId, completed, refunded } = linkOf(tenantId, monthAgo());
    await billing.publish(completed);
    const { id } = await at.startedBy(linkId);
    await sweepAll(billing, new Date());
    await billing.publish(at.failed(await at.lastDue(id), true));
    await at.statusIs(id, 'past_due');
    await billing.publish(refunded);
    await at.statusIs(id, 'cancelled');
    await sweepAll(billing, inDays(8));
    expect(await at.dues(id)).toHaveLength(1);
    expect(await waiting(id)).toBe(0);
  });

  const waiting = async (id: string) => {
    const text = `SELECT FROM subscription_periods WHERE subscription_id = $1 AND state = 'waiting'`;
    return (await billing.sql(text, [id])).length;
  };
});

describe('a subscription without a method', () => {
  const paidByLink = (subscriptionId: string, { invoiceLocator }: Due, paymentMethodId: string) =>
    periodLinkOf(tenantId, 'payment_link.completed', { subscriptionId, invoiceLocator, paymentMethodId });

  it('is activated by the first payment, and charges the method that this stored from then on', async () => {
    const { id, due } = await create();
    expect(due.collection).toBe('invoice');
    const paymentMethodId = newId();
    await billing.publish(at.paid(due, { channel: 'link' }), paidByLink(id, due, paymentMethodId));
    await billing.said('subscription.activated', id);
    await eventually(async () => {
      const [row] = await billing.sql('SELECT payment_method_id FROM subscriptions WHERE id = $1', [id]);
      return (row as { payment_method_id: string | null }).payment_method_id === paymentMethodId;
    });
    await sweepAll(billing, inDays(32));
    expect(await at.lastDue(id)).toMatchObject({ number: 2, collection: 'automatic', paymentMethodId });
  });

  it('is past due when the customer has not paid on the date, and not before it was paid once', async () => {
    const { id, due } = await create();
    await sweepAll(billing, inDays(1));
    expect(await at.get(id)).toMatchObject({ status: 'active' });
    await billing.publish(at.paid(due));
    await billing.said('subscription.activated', id);
    await sweepAll(billing, inDays(31));
    await sweepAll(billing, inDays(33));
    expect(await at.get(id)).toMatchObject({ status: 'past_due' });
    await billing.publish(at.paid(await at.lastDue(id)));
    await at.statusIs(id, 'active');
  });

  it('comes to nothing when nobody pays its first link in time', async () => {
    const { id, due } = await create();
    await billing.publish(periodLinkOf(tenantId, 'payment_link.expired', { subscriptionId: id }));
    await at.statusIs(id, 'cancelled');
    expect(await invoiceOf(due)).toMatchObject({ state: 'void' });
    expect(await at.typesOf(id)).toEqual(['created', 'due', 'cancelled']);
  });

  it('that was never paid is cancelled without a debt, one that was with it', async () => {
    const { policy } = await issue(api, { effectiveDate: addMonths(today(), 1) });
    const [never, once] = [await create({ policy_id: policy.locator }), await create()];
    await billing.publish(at.paid(once.due));
    await billing.said('subscription.activated', once.id);
    await sweepAll(billing, inDays(32));
    expect((await at.dues(never.id)).map(({ number }) => number)).toEqual([1, 2]);
    for (const { id } of [never, once]) expect((await api.send('DELETE', `${path}/${id}`)).status).toBe(200);
    const states = async (id: string) =>
      Promise.all((await at.dues(id)).map(async (due) => (await invoiceOf(due)).state));
    expect(await states(never.id)).toEqual(['void', 'void']);
    expect(await states(once.id)).toEqual(['paid', 'open']);
    await billing.said('invoice.voided', never.due.invoiceLocator);
    expect((await api.send('DELETE', `${path}/${never.id}`)).status).toBe(409);
  });

  it('is cancelled with the period that a sweep bills at this very moment', async () => {
    const { id } = await create();
    const [billed, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const [service, db] = [billing.service.app.get(SweepService), billing.service.app.get(Database)];
    const sweeping = db.tx(async (tx) => {
      await service.run(tx, 'subscriptions', { now: inDays(32), tenantId: null });
      billed.resolve();
      await released.promise;
    });
    await billed.promise;
    const cancelled = api.send('DELETE', `${path}/${id}`);
    await eventually(async () => (await billing.sql('SELECT FROM pg_locks WHERE NOT granted')).length > 0);
    released.resolve();
    await sweeping;
    expect((await cancelled).status).toBe(200);
    const dues = await at.dues(id);
    expect(dues.map(({ number }) => number)).toEqual([1, 2]);
    expect(await Promise.all(dues.map(async (due) => (await invoiceOf(due)).state))).toEqual(['void', 'void']);
  });

  it('takes no other money than its own: another currency is suspense, what is too much the payer’s', async () => {
    const { id, due } = await create();
    const euro = paymentData(75_000, { invoiceLocator: due.invoiceLocator, amount: usd(75_000, 'EUR') });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, data: euro }));
    await billing.publish(at.paid(due, { amount: usd(80_000) }));
    await billing.said('subscription.activated', id);
    const said = await billing.eventsOf(tenantId);
    expect(said.find(({ type }) => type === 'suspense.opened')?.data).toMatchObject({ reason: 'currency_mismatch' });
    expect(said.find(({ type }) => type === 'unapplied.changed')?.data).toMatchObject({
      owner: { type: 'policyholder', locator: 'E-1' },
      balance: usd(5_000),
    });
  });

  it('of a policy that is known is paid by money of that policy, too', async () => {
    const { policy } = await issue(api, { effectiveDate: addMonths(today(), 1) });
    const { id } = await create({ policy_id: policy.locator });
    const data = paymentData(75_000, { policyLocator: policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, data }));
    await at.collectedIs(id, 1);
    expect(await at.typesOf(id)).toEqual(['created', 'due', 'activated']);
  });
});

describe('money of a period that goes back', () => {
  const reversed = (locator: string) =>
    eventOf({
      ...{ type: 'payment.reversed' as const, tenantId },
      data: { ...sampleOf('payment.reversed'), locator, amount: usd(75_000) },
    });

  it('makes it owed again, and the subscription past due', async () => {
    const { id, due } = await startDue();
    const event = at.posted(due);
    await billing.publish(event);
    await at.collectedIs(id, 1);
    await billing.publish(reversed((event.data as { locator: string }).locator));
    await at.collectedIs(id, 0);
    expect(await at.get(id)).toMatchObject({ status: 'past_due' });
    expect(await invoiceOf(due)).toMatchObject({ state: 'open', balance: '750.00' });
    await sweepAll(billing, inDays(10));
    await billing.publish(at.paid(due));
    await at.statusIs(id, 'active');
    expect(await at.typesOf(id)).toEqual(['created', 'due', 'past_due', 'recovered']);
  });

  it('takes a part of it back by a refund', async () => {
    const { id, due } = await startDue();
    const event = at.posted(due);
    await billing.publish(event);
    await at.collectedIs(id, 1);
    const paymentLocator = (event.data as { locator: string }).locator;
    const refundId = newId();
    const data = { ...sampleOf('refund.succeeded'), refundId, paymentLocator, amount: usd(50_000) };
    await billing.publish(eventOf({ type: 'refund.succeeded', tenantId, subject: refundId, data }));
    await at.collectedIs(id, 0);
    expect(await invoiceOf(due)).toMatchObject({ state: 'partially_paid', balance: '500.00' });
    await sweepAll(billing, inDays(1));
    await billing.publish(at.paid(due, { amount: usd(50_000) }));
    await at.collectedIs(id, 1);
  });

  it('after its end makes a completed one past due', async () => {
    const { id } = await at.start({ ...monthAgo(), ...planOf(1) });
    await sweepAll(billing, new Date());
    const event = at.posted(await at.lastDue(id));
    await billing.publish(event);
    await at.statusIs(id, 'completed');
    await billing.publish(reversed((event.data as { locator: string }).locator));
    await at.statusIs(id, 'past_due');
    expect(await at.typesOf(id)).toEqual(['created', 'due', 'completed', 'past_due']);
  });
});

describe('a period that is written off', () => {
  const writeOff = (due: Due, said: object = {}) =>
    api.post<{ id: string }>('/write-offs', { invoiceLocator: due.invoiceLocator, reason: 'gone', ...said });
  const undo = ({ body }: { body: { id: string } }) => api.post(`/write-offs/${body.id}/reverse`);

  it('is tried no more and in no arrears, and past due again when that is taken back', async () => {
    const { id, due } = await startDue();
    await billing.publish(at.failed(due, true));
    await at.statusIs(id, 'past_due');
    const part = await writeOff(due, { amount: '100.00' });
    expect(await at.get(id)).toMatchObject({ status: 'past_due' });
    const rest = await writeOff(due);
    expect(await at.get(id)).toMatchObject({ status: 'active', collected_count: 0 });
    await sweepAll(billing, inDays(8));
    expect(await at.dues(id)).toHaveLength(1);
    for (const each of [rest, part]) expect((await undo(each)).status).toBe(200);
    expect(await at.get(id)).toMatchObject({ status: 'past_due' });
    expect(await invoiceOf(due)).toMatchObject({ state: 'open', balance: '750.00' });
    await billing.publish(at.paid(due));
    await at.collectedIs(id, 1);
    expect(await at.typesOf(id)).toEqual(['created', 'due', 'past_due', 'recovered', 'past_due', 'recovered']);
  });

  it('in part and paid for the rest is owed again when that is taken back', async () => {
    const { id, due } = await startDue();
    const part = await writeOff(due, { amount: '100.00' });
    await billing.publish(at.paid(due, { amount: usd(65_000) }));
    await at.collectedIs(id, 1);
    expect((await undo(part)).status).toBe(200);
    expect(await at.get(id)).toMatchObject({ status: 'past_due', collected_count: 0 });
    expect(await invoiceOf(due)).toMatchObject({ state: 'partially_paid', balance: '100.00' });
  });

  it('while a charge is on its way hears nothing of its failure', async () => {
    const [one, marker] = [await startDue(), await startDue()];
    await writeOff(one.due);
    await billing.publish(at.failed(one.due, true), at.failed(marker.due, true));
    await at.statusIs(marker.id, 'past_due');
    await sweepAll(billing, inDays(2));
    expect(await at.get(one.id)).toMatchObject({ status: 'active' });
    expect(await at.dues(one.id)).toHaveLength(1);
  });
});

describe('a subscription that is paused', () => {
  it('is not billed and not tried again, and charges no date that it slept through', async () => {
    const { id, due } = await startDue();
    await billing.publish(at.failed(due, true));
    await at.statusIs(id, 'past_due');
    expect((await api.post(`${path}/${id}/pause`)).status).toBe(200);
    await sweepAll(billing, inDays(40));
    expect(await at.dues(id)).toHaveLength(1);
    expect((await api.post(`${path}/${id}/resume`)).status).toBe(200);
    expect(await at.get(id)).toMatchObject({ status: 'past_due' });
    await sweepAll(billing, inDays(1));
    expect(await at.lastDue(id)).toMatchObject({ periodId: due.periodId, attempt: 2 });
  });
});
