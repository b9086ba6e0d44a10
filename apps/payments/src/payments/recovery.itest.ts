import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { AttemptState } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { startPayments } from '../testing/harness.itest.ts';
import type { Payments } from '../testing/harness.itest.ts';
import { AttemptsService } from './attempts.service.ts';
import { CapturesService } from './captures.service.ts';

let payments: Payments;
beforeAll(async () => {
  payments = await startPayments();
});
afterAll(() => payments.stop());

const tenantId = newId();

interface AttemptRow {
  state: AttemptState;
  reason: string | null;
  checks: number;
  alarmed_at: Date | null;
}

async function attemptOf(paymentId: string): Promise<AttemptRow> {
  const [row] = await payments.sql<AttemptRow>('SELECT * FROM payment_attempts WHERE payment_id = $1', [paymentId]);
  return row!;
}

async function stateOf(paymentId: string): Promise<string> {
  const api = await payments.api(tenantId);
  const { body } = await api.get<{ state: string }>(`/payments/${paymentId}`);
  return body.state;
}

const typesOf = async (paymentId: string) => (await payments.eventsOf(paymentId)).map(({ type }) => type);

/** A charge that its process committed and then never sent: it died in between. */
async function begunByTheDead(token: string) {
  const captures = payments.service.app.get(CapturesService, { strict: false });
  const input = {
    ...{ amountMinor: 2567n, currency: 'USD', fieldValues: {}, invoiceLocator: null, locationId: null },
    ...{ merchantId: null, policyLocator: null, policyholderLocator: null, statementLocator: null },
  };
  const unnamed = { expiresOn: null, currency: null, fingerprint: null, mandate: null };
  const instrument = { type: 'card', brand: 'visa', last4: '4242', ...unnamed } as const;
  const db = payments.service.app.get(Database);
  const { attempt } = await db.withTenant(tenantId, (tx) =>
    captures.begin(tx, {
      ...{ tenantId, operationId: null, request: { kind: 'charge', input, capture: true, token } },
      token: { provider: 'sandbox', instrument },
    }),
  );
  return attempt;
}

const record = (attempt: { tenantId: string; paymentId: string; n: number }, outcome: ProviderOutcome) =>
  payments.service.app
    .get(Database)
    .tx((tx) => payments.service.app.get(AttemptsService, { strict: false }).record(tx, [{ attempt, outcome }]));

describe('a process that dies', () => {
  it('before the provider heard of it: the attempt is sent by the next one, once', async () => {
    const { paymentId } = await begunByTheDead('tok_visa');
    await eventually(async () => (await stateOf(paymentId)) === 'posted');
    expect(payments.sandbox.charges.ofSubject(paymentId)).toHaveLength(1);
    expect(await typesOf(paymentId)).toEqual(['payment.created', 'payment.processing', 'payment.posted']);
  });

  it('after the provider charged and before it was recorded: the charge is found, not made again', async () => {
    const { paymentId, n, token, amountMinor, currency } = await begunByTheDead('tok_visa');
    const key = `${paymentId}_${n}`;
    const request = { key, token, amountMinor: Number(amountMinor), currency, subject: paymentId };
    await fetch(`${payments.sandbox.url}/charges`, { method: 'POST', body: JSON.stringify(request) });
    await eventually(async () => (await stateOf(paymentId)) === 'posted');
    expect(payments.sandbox.charges.ofSubject(paymentId)).toHaveLength(1);
  });
});

describe('a provider that does not answer', () => {
  it.each([
    ['tok_timeout_approved', 'posted', ['payment.created', 'payment.processing', 'payment.posted']],
    [
      'tok_timeout_declined',
      'declined',
      ['payment.created', 'payment.processing', 'payment.failed', 'payment.declined'],
    ],
  ])('is asked later: %s becomes %s, from one charge', async (token, state, types) => {
    const { paymentId } = await begunByTheDead(token);
    await eventually(async () => (await stateOf(paymentId)) === state);
    expect(payments.sandbox.charges.ofSubject(paymentId)).toHaveLength(1);
    expect(await typesOf(paymentId)).toEqual(types);
  });

  it('leaves a payment waiting when it was never reached, and never declines it', async () => {
    const { paymentId } = await begunByTheDead('tok_error_before');
    const attempt = await eventually(async () => {
      const row = await attemptOf(paymentId);
      return row.checks >= 2 && row.state === 'unknown' ? row : null;
    });
    expect(attempt.reason).toContain('never_reached');
    expect(await stateOf(paymentId)).toBe('ready');
    expect(payments.sandbox.charges.ofSubject(paymentId)).toEqual([]);
  });

  it('is charged once it is back', async () => {
    await payments.sandbox.goDown();
    const { paymentId } = await begunByTheDead('tok_visa');
    await eventually(async () => (await attemptOf(paymentId)).state === 'unknown');
    expect(await stateOf(paymentId)).toBe('ready');
    await payments.sandbox.comeBack();
    await eventually(async () => (await stateOf(paymentId)) === 'posted');
    expect(payments.sandbox.charges.ofSubject(paymentId)).toHaveLength(1);
  });
});

describe('an outcome', () => {
  const approved = (ref: string): ProviderOutcome => ({ kind: 'approved', ref, amountMinor: 2567n, currency: 'USD' });

  it('that is said five times posts once', async () => {
    const attempt = await begunByTheDead('tok_visa');
    await Promise.all(Array.from({ length: 5 }, () => record(attempt, approved('said-5'))));
    expect(await typesOf(attempt.paymentId)).toEqual(['payment.created', 'payment.processing', 'payment.posted']);
  });

  it('that contradicts the first one changes nothing', async () => {
    const attempt = await begunByTheDead('tok_visa');
    const no = { code: 'stolen_card', category: 'hard', recommendedAction: 'update_payment_method' } as const;
    await record(attempt, { kind: 'declined', ref: 'first-no', ...no });
    await record(attempt, approved('then-yes'));
    expect(await stateOf(attempt.paymentId)).toBe('declined');
    expect(await attemptOf(attempt.paymentId)).toMatchObject({ state: 'failed' });
  });

  it('of another amount is never posted as if it were the right one', async () => {
    const attempt = await begunByTheDead('tok_wrong_amount');
    const row = await eventually(async () => {
      const found = await attemptOf(attempt.paymentId);
      return found.alarmed_at ? found : null;
    });
    expect(row).toMatchObject({ state: 'unknown', reason: 'amount_mismatch', confirmed_minor: '256' });
    expect(await stateOf(attempt.paymentId)).toBe('ready');
    expect(await typesOf(attempt.paymentId)).toEqual(['payment.created', 'payment.processing', 'payment.flagged']);
  });

  it('is kept by the database too: a second open attempt of a payment cannot exist', async () => {
    const { paymentId } = await begunByTheDead('tok_error_before');
    const copy = payments.sql(
      `INSERT INTO payment_attempts
         (tenant_id, payment_id, n, state, provider, token, amount_minor, currency, checks, created_at)
       SELECT tenant_id, payment_id, n + 1, 'created', provider, token, amount_minor, currency, 0, created_at
         FROM payment_attempts WHERE payment_id = $1`,
      [paymentId],
    );
    await expect(copy).rejects.toThrow('payment_attempts_one_open');
  });
});
