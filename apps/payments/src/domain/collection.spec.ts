import { collect } from './collection.ts';
import type { Ask, Circumstances } from './collection.ts';
import { failAttempt, succeed } from './payment.ts';
import type { Payment } from './payment.ts';
import { paymentStates } from './payment-state.ts';
import type { PaymentState } from './payment-state.ts';
import type { PaymentMethod } from './payment-method.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const ask: Ask = {
  tenantId: 't1',
  sourceType: 'instalment',
  sourceId: 'i1',
  sourceAttempt: 1,
  amountMinor: 2567n,
  currency: 'USD',
  policyLocator: 'policy',
  policyholderLocator: 'holder',
  invoiceLocator: 'invoice',
  businessOn: null,
};
const visa: PaymentMethod = {
  ...{ tenantId: 't1', id: 'm1', version: 1, provider: 'sandbox', token: 'tok_visa', type: 'card', brand: 'visa' },
  ...{ last4: '4242', expiresOn: '2027-12-31', currency: null, state: 'active', policyholderLocator: 'holder' },
  ...{ fingerprint: null, mandate: null, isDefault: false, expiryToldFor: null },
  ...{ createdAt: now, updatedAt: now },
};
const circumstances = (rest: Partial<Circumstances> = {}): Circumstances => ({
  earlier: [],
  method: visa,
  today: '2026-01-15',
  now,
  newPayment: { id: 'p1', displayId: 'P-1' },
  ...rest,
});
const types = (collection: ReturnType<typeof collect>) => collection?.facts.map(({ type }) => type);
const soft = { code: 'insufficient_funds', category: 'soft', recommendedAction: 'retry_later' } as const;
const hard = { ...soft, category: 'hard' } as const;

const first = collect(ask, circumstances())!;

describe('asking for money', () => {
  it('makes a payment in processing with its first attempt', () => {
    expect(first).toMatchObject({
      isNew: true,
      payment: { state: 'processing', version: 2, attemptNo: 1, channel: 'autopay', method: 'card' },
      attempt: { paymentId: 'p1', n: 1, state: 'created', amountMinor: 2567n, sourceAttempt: 1, token: 'tok_visa' },
    });
    expect(types(first)).toEqual(['created', 'processing']);
  });

  it.each<PaymentState>(['processing', 'requires_action'])('does nothing while one is %s', (state) => {
    const again = { ...ask, sourceAttempt: 2 };
    expect(collect(again, circumstances({ earlier: [{ ...first.payment, state }] }))).toBeNull();
  });

  it('asks again with the same payment after a soft no, for what is owed by then', () => {
    const ready = failAttempt(first.payment, soft, now).next;
    const second = collect({ ...ask, sourceAttempt: 2, amountMinor: 1567n }, circumstances({ earlier: [ready] }));
    expect(second).toMatchObject({
      isNew: false,
      payment: { id: 'p1', state: 'processing', attemptNo: 2, amountMinor: 1567n, sourceAttempt: 2, version: 4 },
      attempt: { n: 2, amountMinor: 1567n },
    });
    expect(types(second)).toEqual(['processing']);
  });

  it('is a new effort after a final no', () => {
    const declined = failAttempt(first.payment, hard, now).next;
    const second = collect({ ...ask, sourceAttempt: 2 }, circumstances({ earlier: [declined] }));
    expect(second).toMatchObject({ isNew: true, payment: { retryOf: 'p1', attemptNo: 1, sourceAttempt: 2 } });
  });

  it('is a new payment when an earlier one was posted', () => {
    const posted = succeed(
      first.payment,
      { provider: 'sandbox', providerRef: 'r1', effectiveOn: '2026-01-15' },
      now,
    ).next;
    expect(collect({ ...ask, sourceAttempt: 2 }, circumstances({ earlier: [posted] }))).toMatchObject({
      isNew: true,
      payment: { retryOf: null },
    });
  });

  it('covers every state that an earlier payment may be in', () => {
    const answers = paymentStates.map((state) => {
      const collection = collect(ask, circumstances({ earlier: [{ ...first.payment, state }] }));
      return [state, collection === null ? 'nothing' : collection.isNew ? 'new' : 'again'];
    });
    expect(Object.fromEntries(answers)).toEqual({
      draft: 'new',
      ready: 'again',
      processing: 'nothing',
      requires_action: 'nothing',
      authorised: 'new',
      posted: 'new',
      declined: 'new',
      returned: 'new',
      reversed: 'new',
      discarded: 'new',
    });
  });
});

describe('after the bank sent it back', () => {
  const back = (code: string): Payment => ({
    ...succeed(first.payment, { provider: 'sandbox', providerRef: 'r1', effectiveOn: '2026-01-10' }, now).next,
    ...{ state: 'returned', returned: { scheme: 'ach', code, pejorative: true, returnedOn: '2026-01-12' } },
  });
  const again = { ...ask, sourceAttempt: 2 };

  it('asks again with a new payment that names the one sent back', () => {
    const second = collect(again, circumstances({ earlier: [back('R01')] }));
    expect(second).toMatchObject({ isNew: true, payment: { state: 'processing', retryOf: 'p1' } });
  });

  it.each([
    ['a third time', ['R01', 'R01', 'R01'], 're_presentment_exhausted'],
    ['for good', ['R10'], 're_presentment_refused'],
  ])('declines at once: %s', (_name, codes, code) => {
    const refused = collect(again, circumstances({ earlier: codes.map(back) }));
    expect(types(refused)).toEqual(['created', 'failed', 'declined']);
    expect(refused).toMatchObject({
      payment: { state: 'declined', failure: { code, category: 'hard', retryable: false } },
      attempt: { state: 'failed', token: null, failure: { code } },
    });
  });
});

describe('without a usable method', () => {
  it.each<[string, PaymentMethod | null]>([
    ['no method', null],
    ['a revoked one', { ...visa, state: 'revoked' }],
    ['a blocked one', { ...visa, state: 'blocked' }],
    ['one past its last day', { ...visa, expiresOn: '2026-01-14' }],
    ['one of another currency', { ...visa, currency: 'EUR' }],
  ])('declines at once: %s', (_name, method) => {
    const refused = collect(ask, circumstances({ method }));
    expect(types(refused)).toEqual(['created', 'failed', 'declined']);
    expect(refused).toMatchObject({
      payment: { state: 'declined', version: 3, failure: { code: 'no_payment_method', retryable: false } },
      attempt: { state: 'failed', n: 1, token: null, failure: { code: 'no_payment_method' } },
    });
  });

  it('charges on the last day', () => {
    const lastDay = collect(ask, circumstances({ method: { ...visa, expiresOn: '2026-01-15' } }));
    expect(lastDay?.payment.state).toBe('processing');
  });
});
