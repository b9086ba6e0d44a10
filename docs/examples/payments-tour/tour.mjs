// Everything that can happen to a payment, over the API, told step by step. The stack of `npm start` has to run.
//
// Each step checks what it tells: an answer that is not as expected ends the tour with an error.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connectToStack } from './api.mjs';

const { call, until, log } = connectToStack();
const charge = async (token, more = {}) =>
  (await call('POST', '/payments', { amount: '100.00', amountCurrency: 'USD', token, capture: true, ...more })).body;
const now = async ({ locator }) => (await call('GET', `/payments/${locator}`)).body;
const reached = (payment, state) => until(async () => (await now(payment)).state === state && now(payment));
const walk = (days) => call('POST', '/test-clocks/advance', { days });

async function holdAndCapture() {
  const held = await charge('tok_visa', { capture: false });
  assert.equal(held.state, 'ready');
  assert.ok(held.authorizedTimestamp);
  const { body: captured } = await call('POST', `/payments/${held.locator}/capture`);
  assert.equal(captured.state, 'posted');
  log('hold and capture', `${captured.displayId}: held, then captured`);
}

async function declined() {
  const no = await charge('tok_declined_insufficient');
  assert.deepEqual([no.state, no.failure.category], ['declined', 'soft']);
  log('declined', `${no.failure.code}, ${no.failure.category}: ${no.failure.recommendedAction}`);
}

async function refund() {
  const paid = await charge('tok_visa');
  const refunds = `/payments/${paid.locator}/refunds`;
  const { body: first } = await call('POST', refunds, { amount: '60.00', reason: 'Overpaid' });
  await until(async () => (await call('GET', `/refunds/${first.id}`)).body.state === 'succeeded');
  const tooMuch = await call('POST', refunds, { amount: '60.00', reason: 'Overpaid' });
  assert.deepEqual([tooMuch.status, tooMuch.body.code, tooMuch.body.remaining], [422, 'exceeds_refundable', '40.00']);
  log('refund', `60.00 given back; 60.00 more are refused, ${tooMuch.body.remaining} are left`);
}

async function bankDebit() {
  const debit = await charge('tok_ach_return_r01');
  assert.equal(debit.state, 'ready');
  await walk(7);
  const back = await reached(debit, 'returned');
  assert.ok(back.postedTimestamp);
  log('bank debit', `posted a business day later, then returned: ${back.return.code}`);
}

async function dispute() {
  const paid = await charge('tok_dispute_lost');
  await walk(14);
  await reached(paid, 'returned');
  const { body } = await call('GET', `/disputes?paymentLocator=${paid.locator}`);
  assert.equal(body.items[0].state, 'lost');
  log('dispute', `${body.items[0].reasonCode}: lost, the payment is returned`);
}

async function wrongAmount() {
  const odd = await charge('tok_wrong_amount');
  const flag = await until(async () =>
    (await call('GET', `/payment-flags?paymentLocator=${odd.locator}`)).body.items.find(
      ({ state }) => state === 'open',
    ),
  );
  assert.equal(flag.reason, 'amount_mismatch');
  log('wrong amount', 'the provider confirmed less: not posted, flagged for a person');
}

async function link() {
  const request = { employer_id: 'E-1', carrier_id: 'C-1', policy_id: randomUUID(), amount_cents: 250000 };
  const { body: made } = await call('POST', '/api/v1/payment-links', { ...request, payment_type: 'down_payment' });
  assert.equal(made.status, 'active');
  log('payment link', `pay it in a browser: ${made.url}`);
}

await walk(1);
for (const step of [holdAndCapture, declined, refund, bankDebit, dispute, wrongAmount, link]) await step();
const { body: books } = await call('GET', '/trial-balance');
for (const { total } of Object.values(books)) assert.match(total, /^0(\.0+)?$/);
log('books', 'the trial balance is zero');
