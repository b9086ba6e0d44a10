import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { SweepService, sweepPasses } from './sweep.service.ts';

let billing: Billing;
beforeAll(async () => {
  // The service's own worker is as good as off: the sweeps of these tests are the only ones.
  billing = await startBilling({ DUE_SWEEP_EVERY_MS: '3600000' });
});
afterAll(async () => {
  expect(await billing.broken()).toEqual([]);
  await billing.stop();
});

async function sweepAll(now: Date): Promise<void> {
  const [service, db] = [billing.service.app.get(SweepService), billing.service.app.get(Database)];
  for (let done = 1; done > 0;) {
    done = 0;
    for (const pass of sweepPasses) done += await db.tx((tx) => service.run(tx, pass, { now, tenantId: null }));
  }
}
const at = (date: string, days = 0) => new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000);
const typesAbout = async (subject: string) => (await billing.eventsAbout(subject)).map(({ type }) => type);

/** A policy whose first instalment is due already, and the second one as the database has it. */
async function withSecond(said: Record<string, unknown>, changes: string) {
  const tenantId = newId();
  const api = await billing.api(tenantId);
  const { policy, schedule } = await issue(api, said);
  const second = schedule.instalments[1]!;
  await billing.sql(`UPDATE instalments SET ${changes} WHERE tenant_id = $1 AND id = $2`, [tenantId, second.id]);
  return { tenantId, api, policy, second };
}

describe('billing before the due date', () => {
  it('issues the invoice when its time has come, and announces the instalment on its due date', async () => {
    const { api, policy, second } = await withSecond({}, `generate_at = due_at - interval '20 days'`);
    await sweepAll(at(second.dueOn, -21));
    expect(await typesAbout(second.id)).toEqual([]);
    await sweepAll(at(second.dueOn, -20));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed']);
    expect((await scheduleOf(api, policy.scheduleId)).instalments[1]).toMatchObject({ state: 'billed' });
    const invoices = await billing.sql<{ due_on: string; issued: boolean }>(
      `SELECT due_on::text, issued_on = due_on - 20 AS issued FROM invoices WHERE instalment_id = $1`,
      [second.id],
    );
    expect(invoices).toEqual([{ due_on: second.dueOn, issued: true }]);
    await sweepAll(at(second.dueOn, -1));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed']);
    await sweepAll(at(second.dueOn));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.due']);
  });

  it('does not announce what was paid before it was due', async () => {
    const { tenantId, policy, second } = await withSecond({}, `generate_at = due_at - interval '20 days'`);
    await sweepAll(at(second.dueOn, -20));
    const data = paymentData(2 * 2_567, { policyLocator: policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await billing.said('instalment.paid', second.id);
    await sweepAll(at(second.dueOn));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.paid']);
  });

  it('announces what was paid before it was due, when the payment came back', async () => {
    const { tenantId, policy, second } = await withSecond({}, `generate_at = due_at - interval '20 days'`);
    const waiting = () => billing.sql('SELECT due_at FROM announcement_queue WHERE id = $1', [second.id]);
    expect(await waiting()).toEqual([]);
    await sweepAll(at(second.dueOn, -20));
    expect(await waiting()).toEqual([{ due_at: at(second.dueOn) }]);
    const data = paymentData(2 * 2_567, { policyLocator: policy.locator });
    const about = { tenantId, subject: data.locator };
    await billing.publish(eventOf({ type: 'payment.posted', ...about, data }));
    await billing.said('instalment.paid', second.id);
    expect(await waiting()).toEqual([]);
    const reversal = { reversalId: newId(), reason: 'entered_in_error' as const };
    const returned = { ...data, state: 'returned' as const, reversal };
    await billing.publish(eventOf({ type: 'payment.reversed', ...about, sequence: 2, data: returned }));
    await billing.said('instalment.billed', second.id, 2);
    expect(await waiting()).toHaveLength(1);
    await sweepAll(at(second.dueOn));
    expect((await typesAbout(second.id)).at(-1)).toBe('instalment.due');
    expect(await waiting()).toEqual([]);
  });

  it('S-84: applies what lies unapplied first, and asks for what is left', async () => {
    const { tenantId, api, policy, second } = await withSecond({}, `generate_at = due_at - interval '20 days'`);
    const data = paymentData(2_567 + 2_000, { policyLocator: policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await eventually(() => billing.sql('SELECT 1 FROM unapplied_funds WHERE tenant_id = $1', [tenantId]).then(some));
    await sweepAll(at(second.dueOn));
    const due = await billing.said('instalment.due', second.id);
    expect(due.data).toMatchObject({ state: 'partially_paid', balance: { amount: '5.67' }, attempt: 1 });
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.partially_paid', 'instalment.due']);
    expect((await scheduleOf(api, policy.scheduleId)).instalments[1]).toMatchObject({ balance: '5.67' });
  });
});

const some = (rows: unknown[]) => rows.length > 0;

describe('a charge on another date than the due date', () => {
  const autopay = (days: number) =>
    `generate_at = due_at - interval '20 days', autopay_on = due_on + ${days},
     autopay_at = due_at + interval '${days} days'`;
  const attemptsOf = (id: string) =>
    billing.sql('SELECT attempt_no, state FROM collection_attempts WHERE instalment_id = $1', [id]);

  it('is asked for before it, and the due date asks for nothing more', async () => {
    const { second } = await withSecond({}, autopay(-5));
    await sweepAll(at(second.dueOn, -20));
    expect(await attemptsOf(second.id)).toEqual([{ attempt_no: 1, state: 'waiting' }]);
    await sweepAll(at(second.dueOn, -5));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.collection_due']);
    await sweepAll(at(second.dueOn));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.collection_due', 'instalment.due']);
    const { data } = await billing.said('instalment.due', second.id);
    expect(data).toMatchObject({ attempt: 1, dueOn: second.dueOn, autopayOn: isoDay(second.dueOn, -5) });
    expect(await attemptsOf(second.id)).toEqual([{ attempt_no: 1, state: 'requested' }]);
  });

  it('is asked for after it', async () => {
    const { second } = await withSecond({}, autopay(3));
    await sweepAll(at(second.dueOn));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.due']);
    expect(await attemptsOf(second.id)).toEqual([{ attempt_no: 1, state: 'waiting' }]);
    await sweepAll(at(second.dueOn, 3));
    const asked = await billing.said('instalment.collection_due', second.id);
    expect(asked.data).toMatchObject({ attempt: 1, autopayOn: isoDay(second.dueOn, 3) });
  });

  it('is asked for by the lines of the bill, as it was announced', async () => {
    const api = await billing.api(newId());
    const { policy } = await issue(api);
    const { body } = await api.post<{ scheduleId: string }>(`/policies/${policy.locator}/transactions`, {
      ...{ type: 'endorsement', effectiveDate: new Date().toISOString().slice(0, 10) },
      charges: [{ category: 'premium', amount: '-11.00' }],
    });
    const second = (await scheduleOf(api, body.scheduleId)).instalments.find(({ number }) => number === 2)!;
    await billing.sql(`UPDATE instalments SET ${autopay(3)} WHERE id = $1`, [second.id]);
    await sweepAll(at(second.dueOn, 3));
    const [due, asked] = [
      await billing.said('instalment.due', second.id),
      await billing.said('instalment.collection_due', second.id),
    ];
    expect(asked.data.lines).toEqual(due.data.lines);
    expect(asked.data.lines.map(({ amount }) => amount.amountMinor > 0)).toEqual([true, true]);
  });

  it('is nobody’s where nobody charges a method', async () => {
    const { second } = await withSecond({ collection: 'invoice' }, autopay(-5));
    await sweepAll(at(second.dueOn, 5));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.due', 'instalment.past_due']);
    expect(await attemptsOf(second.id)).toEqual([]);
  });
});

const isoDay = (date: string, days: number) => at(date, days).toISOString().slice(0, 10);

describe('an instalment of nothing', () => {
  it('S-34: gets no invoice and is paid when its date comes', async () => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const { policy, schedule } = await issue(api);
    const [first, second, third] = schedule.instalments;
    const move = { from: second!.id, to: third!.id };
    await moveAmount(tenantId, move);
    await billing.sql(`UPDATE instalments SET generate_at = due_at - interval '20 days' WHERE id = $1`, [second!.id]);
    await sweepAll(at(second!.dueOn, -1));
    expect(await typesAbout(second!.id)).toEqual([]);
    const data = paymentData(2_567, { policyLocator: policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await billing.said('instalment.paid', first!.id);
    await sweepAll(at(second!.dueOn));
    expect(await typesAbout(second!.id)).toEqual(['instalment.paid']);
    const paid = await billing.said('instalment.paid', second!.id);
    expect(paid.data).toMatchObject({ paidThrough: second!.periodEnd, balance: { amountMinor: 0 }, state: 'paid' });
    expect(paid.data).not.toHaveProperty('invoiceLocator');
    expect(await scheduleOf(api, policy.scheduleId)).toMatchObject({ paidThrough: second!.periodEnd });
    expect(await billing.sql('SELECT 1 FROM invoices WHERE instalment_id = $1', [second!.id])).toEqual([]);
  });
});

/** All of one instalment onto another, as a return premium may leave it. */
async function moveAmount(tenantId: string, { from, to }: { from: string; to: string }): Promise<void> {
  const client = await billing.admin.connect();
  const moved = `(SELECT amount_minor FROM instalment_lines f
    WHERE f.tenant_id = l.tenant_id AND f.charge_id = l.charge_id AND f.instalment_id = $2)`;
  const sum = '(SELECT sum(amount_minor) FROM instalment_lines l WHERE l.instalment_id = i.id)';
  await client.query('BEGIN');
  await client.query(
    `UPDATE instalment_lines l SET amount_minor = amount_minor + ${moved} WHERE tenant_id = $1 AND instalment_id = $3`,
    [tenantId, from, to],
  );
  await client.query('UPDATE instalment_lines SET amount_minor = 0 WHERE tenant_id = $1 AND instalment_id = $2', [
    tenantId,
    from,
  ]);
  await client.query(
    `UPDATE instalments i SET amount_minor = ${sum}, balance_minor = ${sum}
      WHERE tenant_id = $1 AND id IN ($2, $3)`,
    [tenantId, from, to],
  );
  await client.query('COMMIT');
  client.release();
}

describe('a schedule on hold', () => {
  it('is not billed until it is released; what was billed before is due all the same', async () => {
    const { tenantId, policy, second } = await withSecond({}, `generate_at = due_at - interval '20 days'`);
    await sweepAll(at(second.dueOn, -20));
    const hold = (state: string) =>
      billing.sql('UPDATE schedules SET state = $3 WHERE tenant_id = $1 AND id = $2', [
        tenantId,
        policy.scheduleId,
        state,
      ]);
    await hold('on_hold');
    await sweepAll(at(second.dueOn, 40));
    expect(await typesAbout(second.id)).toEqual(['instalment.billed', 'instalment.due', 'instalment.past_due']);
    const billed = () => billing.sql(`SELECT 1 FROM invoices WHERE tenant_id = $1`, [tenantId]);
    expect(await billed()).toHaveLength(2);
    await hold('active');
    await sweepAll(at(second.dueOn, 40));
    expect((await billed()).length).toBeGreaterThan(2);
  });
});

describe('a hold of charges', () => {
  it('keeps a policy that is issued within it from being charged, until it is released', async () => {
    const api = await billing.api(newId());
    const terms = { scope: { jurisdiction: 'US-LA' }, targets: ['autopay'], reason: 'Storm', startsOn: '2025-01-01' };
    const { body: hold } = await api.post<{ id: string }>('/holds', terms);
    const { schedule } = await issue(api, { jurisdiction: 'US-LA' });
    const first = schedule.instalments[0]!;
    await sweepAll(new Date());
    expect(await typesAbout(first.id)).toEqual(['instalment.billed']);
    expect((await api.post(`/holds/${hold.id}/release`, {})).status).toBe(200);
    await sweepAll(new Date());
    expect(await typesAbout(first.id)).toEqual(['instalment.billed', 'instalment.due']);
  });
});

describe('a hold of invoices', () => {
  it('S-75: keeps from being billed what falls due within it, not what falls due at its end', async () => {
    const { api, policy, second } = await withSecond({}, 'version = version');
    const { dueOn: endsOn, id: endId } = (await scheduleOf(api, policy.scheduleId)).instalments[2]!;
    const held = { targets: ['invoicing'], startsOn: second.dueOn, endsOn, reason: 'moratorium' };
    const { status, body } = await api.post('/holds', { ...held, scope: { policyLocator: policy.locator } });
    expect({ status, body }).toMatchObject({ status: 201 });
    await sweepAll(at(endsOn));
    expect(await typesAbout(second.id)).toEqual([]);
    expect(await typesAbout(endId)).toEqual(['instalment.billed', 'instalment.due']);
  });
});
