import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { eventOf, issue, paymentData, scheduleOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing, PolicyAnswer } from '../testing/harness.itest.ts';

let billing: Billing;
let api: Api;
const tenantId = newId();
const today = () => new Date().toISOString().slice(0, 10);
const lastYear = { effectiveDate: `${new Date().getUTCFullYear() - 1}-01-01` };

beforeAll(async () => {
  billing = await startBilling();
  api = await billing.api(tenantId);
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

type Said = Parameters<typeof paymentData>[1];

/** A payment, posted and then reversed; the answer is the reversing event. */
function reversal(minor: number, said: Said) {
  const data = paymentData(minor, said);
  const about = { tenantId, subject: data.locator };
  return {
    locator: data.locator,
    posted: eventOf({ type: 'payment.posted', ...about, data }),
    reversed: eventOf({
      type: 'payment.reversed',
      ...about,
      sequence: 2,
      data: { ...data, state: 'returned', reversal: { reversalId: newId(), reason: 'entered_in_error' } },
    }),
  };
}
const stateOf = (locator: string, state: string) =>
  eventually(async () => {
    const rows = await billing.sql('SELECT 1 FROM received_payments WHERE locator = $1 AND state = $2', [
      locator,
      state,
    ]);
    return rows.length === 1;
  });
const again = ({ scheduleId }: PolicyAnswer) => scheduleOf(api, scheduleId);

describe('payment.reversed', () => {
  it('opens the invoice again, moves paid through back, and a past due date to the end of today', async () => {
    const { policy, schedule } = await issue(api, lastYear);
    const first = schedule.instalments[0]!;
    await billing.said('instalment.past_due', first.id);
    const { locator, posted, reversed } = reversal(2567, { source: { type: 'instalment', id: first.id, attempt: 1 } });
    await billing.publish(posted);
    await stateOf(locator, 'posted');
    expect(await again(policy)).toMatchObject({ paidThrough: first.periodEnd });
    await billing.publish(reversed);
    await stateOf(locator, 'reversed');
    const after = await again(policy);
    expect(after.paidThrough).toBeNull();
    expect(after.instalments[0]).toMatchObject({
      ...{ state: 'billed', balance: '25.67', dueOn: today(), originalDueOn: first.dueOn, pastDue: false },
    });
    const said = (await billing.eventsAbout(first.id)).map(({ type, sequence }) => `${type} ${Number(sequence)}`);
    expect(said).toEqual([
      ...['instalment.billed 1', 'instalment.due 2', 'instalment.past_due 3'],
      ...['instalment.paid 4', 'instalment.billed 5'],
    ]);
    const caused = (await billing.eventsOf(tenantId)).filter(({ causationid }) => causationid === reversed.id);
    expect(caused.map(({ type }) => type)).toEqual(['allocation.reversed', 'invoice.reopened', 'instalment.billed']);
    const created = (await billing.eventsOf(tenantId)).find(({ causationid }) => causationid === posted.id);
    expect(caused[0]).toMatchObject({
      sequence: '0000000001',
      data: { reverses: created?.subject, paymentLocator: locator, allocations: [{ amount: { amountMinor: 2567 } }] },
    });
    expect(caused[0]?.subject).not.toBe(created?.subject);
    expect(caused[1]?.data).toMatchObject({ state: 'open', dueOn: today(), balance: { amountMinor: 2567 } });
    expect(caused[2]?.data).toMatchObject({ state: 'billed', originalDueOn: first.dueOn, paidThrough: null });
  });

  it('leaves what another payment paid, and a due date that is still to come', async () => {
    const { policy, schedule } = await issue(api);
    const first = schedule.instalments[0]!;
    const one = reversal(1000, { source: { type: 'instalment', id: first.id, attempt: 1 } });
    const two = reversal(1567, { policyLocator: policy.locator });
    await billing.publish(one.posted, two.posted);
    await stateOf(two.locator, 'posted');
    await billing.publish(two.reversed);
    await stateOf(two.locator, 'reversed');
    expect((await again(policy)).instalments[0]).toMatchObject({
      ...{ state: 'partially_paid', balance: '15.67', dueOn: first.dueOn },
    });
    await billing.publish(one.reversed);
    await stateOf(one.locator, 'reversed');
    expect((await again(policy)).instalments[0]).toMatchObject({ state: 'billed', balance: '25.67' });
  });

  it('of one payment over several invoices opens all of them, and a completed schedule', async () => {
    const { policy } = await issue(api, lastYear);
    const { locator, posted, reversed } = reversal(30_800, { policyLocator: policy.locator });
    await billing.publish(posted);
    await stateOf(locator, 'posted');
    expect((await again(policy)).state).toBe('completed');
    await billing.publish(reversed);
    await stateOf(locator, 'reversed');
    const { state, instalments } = await again(policy);
    expect([state, new Set(instalments.map((each) => each.state))]).toEqual(['active', new Set(['billed'])]);
  });

  it('takes unapplied money away, and closes suspense', async () => {
    const { policy, schedule } = await issue(api);
    const over = reversal(3000, { source: { type: 'instalment', id: schedule.instalments[0]!.id, attempt: 1 } });
    const lost = reversal(500, { policyLocator: 'POL-9' });
    await billing.publish(over.posted, lost.posted);
    await stateOf(lost.locator, 'posted');
    await billing.publish(over.reversed, lost.reversed);
    await stateOf(lost.locator, 'reversed');
    await stateOf(over.locator, 'reversed');
    const [fund] = await billing.sql('SELECT balance_minor, version FROM unapplied_funds WHERE owner_locator = $1', [
      policy.locator,
    ]);
    expect(fund).toEqual({ balance_minor: '0', version: 2 });
    const [item] = await billing.sql('SELECT state FROM suspense_items WHERE payment_locator = $1', [lost.locator]);
    expect(item).toEqual({ state: 'returned' });
  });

  it('counts once, however often it is told', async () => {
    const { schedule } = await issue(api);
    const first = schedule.instalments[0]!;
    const { locator, posted, reversed } = reversal(2567, { source: { type: 'instalment', id: first.id, attempt: 1 } });
    const marker = reversal(1, {});
    await billing.publish(posted, reversed, reversed, {
      ...reversed,
      id: newId(),
      subject: newId(),
      sequence: '0000000001',
    });
    await billing.publish(marker.posted);
    await stateOf(marker.locator, 'posted');
    await stateOf(locator, 'reversed');
    expect(await billing.eventsAbout(first.id)).toHaveLength(4);
  });

  it('and a new payment pays it again', async () => {
    const { policy, schedule } = await issue(api);
    const first = schedule.instalments[0]!;
    const bad = reversal(2567, { source: { type: 'instalment', id: first.id, attempt: 1 } });
    const good = reversal(2567, { policyLocator: policy.locator });
    await billing.publish(bad.posted, bad.reversed, good.posted);
    await stateOf(good.locator, 'posted');
    expect((await again(policy)).instalments[0]).toMatchObject({ state: 'paid', balance: '0.00' });
  });

  it('of a payment that never was posted is a dead letter: its money is in no book', async () => {
    const { locator, reversed } = reversal(100, {});
    await billing.publish({ ...reversed, sequence: '0000000001' });
    const letter = await eventually(async () =>
      (await billing.deadLetters()).find(({ reason }) => reason.includes(locator)),
    );
    expect(letter.reason).toContain('never posted');
  });
});
