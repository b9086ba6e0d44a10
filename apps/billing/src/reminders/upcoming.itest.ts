import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { SweepService, sweepPasses } from '../sweep/sweep.service.ts';
import { issue, paymentData, eventOf, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

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
const at = (date: string, days: number) => new Date(Date.parse(`${date}T12:00:00Z`) + days * 86_400_000);

/** A policy of a tenant who reminds so many days before. */
async function reminding(upcomingInvoiceDays: number | null | undefined) {
  const tenantId = newId();
  const api = await billing.api(tenantId);
  const body = upcomingInvoiceDays === undefined ? {} : { upcomingInvoiceDays };
  const put = await api.send('PUT', '/billing-settings', { body });
  expect(put).toMatchObject({ status: 200, body: { upcomingInvoiceDays: upcomingInvoiceDays ?? null } });
  const { policy, schedule } = await issue(api, { collection: 'invoice' });
  const told = async () => (await billing.eventsOf(tenantId)).filter(({ type }) => type === 'invoice.upcoming');
  return { tenantId, policy, second: schedule.instalments[1]!, told };
}

describe('a reminder', () => {
  it('is told once, so many days before the due date, however many sweep', async () => {
    const { second, policy, told } = await reminding(7);
    await sweepAll(at(second.dueOn, -8));
    expect(await told()).toEqual([]);
    await Promise.all([1, 2, 3].map(() => sweepAll(at(second.dueOn, -7))));
    await sweepAll(at(second.dueOn, -6));
    const [event, ...more] = await told();
    expect(more).toEqual([]);
    expect(event).toMatchObject({ subject: second.id, sequence: '0000000001' });
    expect(event!.data).toMatchObject({
      ...{ instalmentId: second.id, number: 2, daysBefore: 7, amount: { amount: '25.67' }, dueOn: second.dueOn },
      ...{ policyLocator: policy.locator, collection: 'invoice' },
    });
    // Then it is billed as ever.
    await sweepAll(at(second.dueOn, 0));
    expect((await billing.eventsAbout(second.id)).map(({ type }) => type)).toEqual([
      ...['invoice.upcoming', 'instalment.billed', 'instalment.due'],
    ]);
  });

  it('says what is left of it where a part is paid, and nothing where all is', async () => {
    const { tenantId, policy, second, told } = await reminding(5);
    await billing.sql(`UPDATE instalments SET generate_at = due_at - interval '20 days' WHERE id = $1`, [second.id]);
    await sweepAll(at(second.dueOn, -10));
    const data = paymentData(2_567 + 2_000, { policyLocator: policy.locator });
    await billing.publish(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
    await billing.said('instalment.partially_paid', second.id);
    await sweepAll(at(second.dueOn, -5));
    const [event] = await told();
    expect(event!.data).toMatchObject({ daysBefore: 5, amount: { amount: '5.67' } });
    expect(event!.data).toHaveProperty('invoiceLocator');
  });

  it.each([undefined, null, 0])('is told by nobody who says %j', async (days) => {
    const { second, told } = await reminding(days);
    await sweepAll(at(second.dueOn, -1));
    expect(await told()).toEqual([]);
  });
});
