// What a producer earns on a policy, told step by step. The stack of `npm start` has to run.
//
// Each step checks what it tells: an answer that is not as expected ends it with an error.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connectToStack } from '../payments-tour/api.mjs';

const { call, until, log } = connectToStack();
const producerId = `PR-${randomUUID().slice(0, 8)}`;
const DAYS_MAX = 12;

async function create(path, body) {
  const answer = await call('POST', path, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

const entries = async () => (await call('GET', `/commission-entries?producerId=${producerId}`)).body.items;
const statement = async () => (await call('GET', `/producer-statements?producerId=${producerId}`)).body.items[0];
const amountsOf = async (state) =>
  (await entries()).filter((entry) => entry.state === state).map(({ amount }) => amount);

/** The day on which the producer has so many entries of a state; each day is done when the clock answers. */
async function walkUntil(state, count) {
  for (let day = 0; day < DAYS_MAX && (await amountsOf(state)).length < count; day++) {
    await call('POST', '/test-clocks/advance', { days: 1 });
  }
  return until(async () => (await amountsOf(state)).length === count && amountsOf(state));
}

async function agree(effectiveFrom) {
  const { rate } = await create('/commission-agreements', {
    producerId,
    rate: '0.15',
    earn: 'on_payment',
    effectiveFrom,
  });
  log('agreement', `${rate} of premium, earned when it is paid`);
}

async function issue(effectiveDate) {
  const policyholderLocator = `PH-${randomUUID().slice(0, 8)}`;
  const { id } = await create('/payment-methods', { token: 'tok_ach_return_r01', policyholderLocator });
  const year = String(Number(effectiveDate.slice(0, 4)) + 1);
  await create('/policies', {
    ...{ policyNumber: `HO-${randomUUID().slice(0, 8)}`, policyholderLocator, producerId, currency: 'USD' },
    ...{ timeZone: 'America/New_York', effectiveDate, plan: '1year-monthly', collection: 'automatic' },
    expirationDate: `${year}${effectiveDate.slice(4).replace('02-29', '02-28')}`,
    paymentMethodId: id,
    charges: [
      { category: 'premium', amount: '280.00' },
      { category: 'tax', code: 'IPT', amount: '28.00' },
    ],
  });
  assert.deepEqual(await amountsOf('reserved'), ['42.00']);
  log('policy', '280.00 of premium and 28.00 of tax: 42.00 reserved');
}

async function earn() {
  assert.deepEqual(await walkUntil('earned', 1), ['3.50']);
  log('first payment', '25.67 paid, 23.34 of it premium: 3.50 earned');
}

async function payOut() {
  const { amount } = await create('/commission-payouts', { producerId, currency: 'USD' });
  const again = await call('POST', '/commission-payouts', { producerId, currency: 'USD' });
  assert.deepEqual([amount, again.status, again.body.code], ['3.50', 422, 'nothing_to_pay_out']);
  log('payout', '3.50 paid; there is nothing more');
}

async function takeBack() {
  assert.deepEqual(await walkUntil('earned', 2), ['-3.50', '3.50']);
  const { earned, paid, closing, reserved } = await statement();
  assert.deepEqual([earned, paid, closing, reserved], ['0.00', '3.50', '-3.50', '42.00']);
  log('returned', 'the bank returns the payment: -3.50, taken off the next payout');
}

const { body: clock } = await call('GET', '/test-clocks');
await call('POST', '/test-clocks/advance', { to: clock.businessDate });
await agree(clock.businessDate);
await issue(clock.businessDate);
await earn();
await payOut();
await takeBack();
