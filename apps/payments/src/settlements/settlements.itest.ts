import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { billingEvent, startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { pay, typesOf } from '../testing/notifier.itest.ts';

const tenantId = newId();
let payments: Payments;
beforeAll(async () => {
  payments = await startPayments();
});
afterAll(() => payments.stop());

const matched = (locators: string[], tenant = tenantId) =>
  billingEvent({ type: 'deposit.matched', tenantId: tenant, subject: newId(), data: { payments: locators } });

it('a payment whose money was seen at the bank says so once, and that it was', async () => {
  const [one, other] = [
    (await pay(payments, tenantId, { token: 'tok_visa' })).locator,
    (await pay(payments, tenantId, { token: 'tok_visa' })).locator,
  ];
  const event = matched([one, other, newId()]);
  await payments.publish(matched([one], newId()), event, matched([one]), matched([]));
  await eventually(async () => (await typesOf(payments, other)).at(-1) === 'payment.settled');
  const last = (await pay(payments, tenantId, { token: 'tok_visa' })).locator;
  await payments.publish(matched([last]));
  await eventually(async () => (await typesOf(payments, last)).at(-1) === 'payment.settled');
  expect((await typesOf(payments, one)).filter((type) => type === 'payment.settled')).toHaveLength(1);
  const [settled] = (await payments.eventsOf(one)).slice(-1);
  expect(settled).toMatchObject({ causationid: event.id, data: { state: 'posted', settlement: 'settled' } });
});
