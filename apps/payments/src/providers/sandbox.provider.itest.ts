import { Webhook } from 'standardwebhooks';
import { newId } from '@quittance/service-kit/id';
import { sandboxSecret, startSandbox } from '../testing/harness.itest.ts';
import { describeTheBooks } from './provider-books.contract.ts';
import { account, chargeOf, describeTheLine, followUpOf } from './provider.contract.ts';
import type { Signing } from './provider.contract.ts';
import { ProviderUnavailable } from './provider.ts';
import { SandboxProvider } from './sandbox.provider.ts';

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let provider: SandboxProvider;
beforeAll(async () => {
  sandbox = await startSandbox();
  provider = new SandboxProvider({ url: sandbox.url, timeoutMs: 2_000 });
});
afterAll(async () => {
  await provider.close();
  await sandbox.stop();
  expect(sandbox.failures).toEqual([]);
});

const signing: Signing = {
  body: JSON.stringify({
    ...{ id: 'ntf_1', type: 'returned', timestamp: '2025-01-17T12:00:00.000Z' },
    data: { chargeRef: 'sbx_1', code: 'R01', amountMinor: 2567, currency: 'USD', returnedOn: '2025-01-17' },
  }),
  means: { provider: 'sandbox', id: 'ntf_1', kind: 'returned', chargeRef: 'sbx_1', code: 'R01', amountMinor: 2567n },
  otherSecret: 'whsec_YW5vdGhlciBzZWNyZXQ=',
  // Signed by the standard's own library, so that not only our two ends agree.
  sign: (body, { at = new Date(), secret = sandboxSecret } = {}) => ({
    'webhook-id': 'ntf_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign('ntf_1', at, body),
  }),
};

describeTheLine('the sandbox', async () => {
  // An address where somebody has just stopped listening.
  const gone = await startSandbox();
  await gone.stop();
  const options = { url: gone.url, timeoutMs: 500, secret: sandboxSecret };
  return { connectToNobody: () => new SandboxProvider(options), token: 'tok_visa', signing };
});

describeTheBooks('the sandbox', () =>
  Promise.resolve({
    connect: (timeoutMs: number) => new SandboxProvider({ url: sandbox.url, timeoutMs }),
    tokens: {
      ...{ approved: 'tok_visa', declined: 'tok_declined_insufficient', declinedForGood: 'tok_declined_stolen' },
      ...{ pending: 'tok_ach', asksCustomer: 'tok_3ds', notProcessed: 'tok_error_before' },
      ...{ silentApproved: 'tok_timeout_approved', silentDeclined: 'tok_timeout_declined' },
    },
  }),
);

describe('what the sandbox offers', () => {
  it('declines only the first charge of each subject with tok_declined_once', async () => {
    const kinds: string[] = [];
    for (const [key, subject] of [
      ['a1', 'a'],
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
    ] as const) {
      kinds.push((await provider.charge(chargeOf('tok_declined_once', { key, subject }))).kind);
    }
    expect(kinds).toEqual(['declined', 'declined', 'approved', 'declined']);
  });

  it('confirms a tenth with tok_wrong_amount', async () => {
    expect(await provider.charge(chargeOf('tok_wrong_amount'))).toMatchObject({ kind: 'approved', amountMinor: 256n });
  });

  it('gives two tokens of one card one fingerprint', async () => {
    const said = await Promise.all(['tok_visa', 'tok_visa_again', 'tok_3ds'].map((token) => provider.describe(token)));
    const [first, second, other] = said.map((each) => (each.kind === 'instrument' ? each.instrument.fingerprint : ''));
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it('has cards that expire when a test needs it', async () => {
    const said = await provider.describe('tok_visa_exp_202602');
    expect(said).toMatchObject({ instrument: { expiresOn: '2026-02-28' } });
  });

  it.each([
    ['tok_expired_auth', 'capture', { kind: 'declined', code: 'authorisation_expired' }],
    ['tok_refund_fails', 'refund', { kind: 'declined', code: 'account_closed', recommendedAction: 'refund_by_check' }],
    ['tok_refund_pending', 'refund', { kind: 'pending' }],
  ] as const)('%s: what follows on %s', async (token, operation, expected) => {
    const charge = await provider.charge(chargeOf(token, { capture: operation === 'refund' }));
    const chargeRef = 'ref' in charge ? String(charge.ref) : '';
    expect(await provider[operation](followUpOf(chargeRef))).toMatchObject(expected);
  });

  it('lets a hold go after seven days of the test clock', async () => {
    const held = await provider.charge(chargeOf('tok_visa', { capture: false, businessOn: '2025-01-15' }));
    expect(held).toMatchObject({ kind: 'authorised', expiresAt: new Date('2025-01-22T12:00:00Z') });
    const chargeRef = 'ref' in held ? String(held.ref) : '';
    const late = followUpOf(chargeRef, { businessOn: '2025-01-23' });
    expect(await provider.capture(late)).toMatchObject({ kind: 'declined', code: 'authorisation_expired' });
    const inTime = followUpOf(chargeRef, { businessOn: '2025-01-22' });
    expect(await provider.capture(inTime)).toMatchObject({ kind: 'approved' });
  });

  it('refuses a key that was used for something else, without saying what became of it', async () => {
    const asked = chargeOf('tok_visa');
    await provider.charge(asked);
    expect(await provider.charge({ ...asked, amountMinor: 200n })).toMatchObject({ kind: 'unknown' });
  });

  it('refuses what is no charge', async () => {
    const valid = { key: 'k', token: 't', currency: 'USD', subject: 's', amountMinor: 1 };
    const bodies = ['', '{', '[]', '{"key":"k"}', JSON.stringify({ ...valid, amountMinor: -1 })].concat(
      [{ on: 'tomorrow' }, { capture: 1 }, { account: 7 }].map((wrong) => JSON.stringify({ ...valid, ...wrong })),
    );
    const answers = await Promise.all(bodies.map((body) => fetch(`${sandbox.url}/charges`, { method: 'POST', body })));
    expect(answers.map((answer) => answer.status)).toEqual(bodies.map(() => 400));
  });
});

describe('the customer who is asked', () => {
  const actionOf = async (capture: boolean) => {
    const asked = chargeOf('tok_3ds', { capture });
    const said = await provider.charge(asked);
    if (said.kind !== 'requires_action' || said.url === undefined) throw new Error(`it said ${said.kind}`);
    const question = {
      key: asked.key,
      operation: 'charge',
      chargeRef: null,
      tenantId: account,
      businessOn: null,
    } as const;
    return { url: said.url, outcome: () => provider.lookup(question) };
  };
  const post = (url: string, approve: boolean) =>
    fetch(url, { method: 'POST', body: JSON.stringify({ approve }), headers: { 'content-type': 'application/json' } });

  it.each([
    [true, true, { kind: 'approved', amountMinor: 2567n }],
    [true, false, { kind: 'authorised', amountMinor: 2567n }],
    [false, true, { kind: 'declined', code: 'authentication_failed', category: 'needs_customer' }],
  ])('approve %s, capture %s: decided, once', async (approve, capture, expected) => {
    const { url, outcome } = await actionOf(capture);
    expect((await post(url, approve)).status).toBe(200);
    expect((await post(url, !approve)).status).toBe(409);
    expect(await outcome()).toMatchObject(expected);
  });

  it('answers on a page, and goes back to where it came from', async () => {
    const { url, outcome } = await actionOf(true);
    const page = await fetch(`${url}?return_to=${encodeURIComponent('https://pay.example/"x')}`);
    expect(await page.text()).toContain('value="https://pay.example/%22x"');
    const form = new URLSearchParams({ approve: 'true', return_to: 'https://pay.example/back' });
    const answer = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, 'https://pay.example/back']);
    expect(await outcome()).toMatchObject({ kind: 'approved' });
  });

  it('is not sent to what is no page', async () => {
    const { url } = await actionOf(true);
    const page = await fetch(`${url}?return_to=${encodeURIComponent('javascript:alert(1)')}`);
    expect(await page.text()).not.toContain('javascript');
  });
});

describe('a day of a test clock', () => {
  const wednesday = '2025-01-15';
  const begin = async (token: string, businessOn: string) => {
    const tenantId = newId();
    const asked = chargeOf(token, { tenantId, businessOn });
    const said = await provider.charge(asked);
    const lookup = () =>
      provider.lookup({ key: asked.key, operation: 'charge', chargeRef: null, tenantId, businessOn });
    return {
      ...{ asked, lookup, chargeRef: 'ref' in said ? String(said.ref) : '' },
      reach: (on: string) => provider.reachDay({ tenantId, businessOn: on }),
    };
  };

  it('settles an ACH debit on the next business day, and takes it back on the one after', async () => {
    const { asked, reach, lookup, chargeRef } = await begin('tok_ach_return_r01', wednesday);
    expect(await reach(wednesday)).toEqual([]);
    const outcome = { kind: 'approved', ref: chargeRef, amountMinor: 2567n, currency: 'USD' };
    const posted = { kind: 'outcome', operation: 'charge', key: asked.key, outcome };
    expect(await reach('2025-01-16')).toEqual([expect.objectContaining(posted)]);
    expect(await lookup()).toEqual(outcome);
    const returned = { kind: 'returned', scheme: 'ach', chargeRef, code: 'R01', amountMinor: 2567n };
    expect(await reach('2025-01-17')).toEqual([expect.objectContaining({ ...returned, returnedOn: '2025-01-17' })]);
    expect(await reach('2025-01-20')).toEqual([]);
  });

  it('is no business day at a weekend', async () => {
    const { reach, lookup } = await begin('tok_ach', '2025-01-17');
    expect([await reach('2025-01-18'), await reach('2025-01-19')]).toEqual([[], []]);
    expect((await lookup()).kind).toBe('pending');
    expect(await reach('2025-01-20')).toHaveLength(1);
    expect((await lookup()).kind).toBe('approved');
  });

  it('brings everything that a jump passed over, in order', async () => {
    const { reach } = await begin('tok_ach_return_r10', wednesday);
    expect((await reach('2025-02-15')).map(({ kind }) => kind)).toEqual(['outcome', 'returned']);
  });

  it('says the same again with the same ids until the next day is asked for', async () => {
    const { reach } = await begin('tok_ach', wednesday);
    const first = await reach('2025-01-16');
    expect(await reach('2025-01-16')).toEqual(first);
    expect(await reach('2025-01-17')).toEqual([]);
  });

  it.each(['won', 'lost'] as const)(
    'opens a dispute after two business days that is %s after five more',
    async (verdict) => {
      const { reach, chargeRef } = await begin(`tok_dispute_${verdict}`, wednesday);
      const about = { kind: 'dispute', chargeRef, stage: 'chargeback', amountMinor: 2567n, feeMinor: 1500n };
      const opened = { ...about, state: 'opened', evidenceDueAt: new Date('2025-01-22T12:00:00Z'), decidedOn: null };
      expect(await reach('2025-01-17')).toEqual([expect.objectContaining(opened)]);
      const decided = { ...about, state: verdict, decidedOn: '2025-01-24' };
      expect(await reach('2025-01-24')).toEqual([expect.objectContaining(decided)]);
    },
  );

  it('disputes a captured hold, and leaves one alone that was not', async () => {
    const tenantId = newId();
    const hold = chargeOf('tok_dispute_lost', { tenantId, businessOn: wednesday, capture: false });
    const held = await provider.charge(hold);
    const chargeRef = 'ref' in held ? String(held.ref) : '';
    expect(await provider.reachDay({ tenantId, businessOn: '2025-01-17' })).toEqual([]);
    await provider.capture(followUpOf(chargeRef, { tenantId, businessOn: '2025-01-17' }));
    expect(await provider.reachDay({ tenantId, businessOn: '2025-01-21' })).toHaveLength(1);
  });

  it('replaces a card', async () => {
    const { reach } = await begin('tok_card_replaced', wednesday);
    const instrument = expect.objectContaining({ last4: '5004' });
    const news = { kind: 'method', change: 'updated', token: 'tok_card_replaced', instrument };
    expect(await reach('2025-01-16')).toEqual([expect.objectContaining(news)]);
  });

  it('belongs to one account', async () => {
    await begin('tok_ach', wednesday);
    expect(await provider.reachDay({ tenantId: newId(), businessOn: '2025-01-31' })).toEqual([]);
  });

  it('cannot be asked for where nobody is there', async () => {
    const gone = await startSandbox();
    await gone.stop();
    const nobody = new SandboxProvider({ url: gone.url, timeoutMs: 500 });
    await expect(nobody.reachDay({ tenantId: newId(), businessOn: wednesday })).rejects.toBeInstanceOf(
      ProviderUnavailable,
    );
    await nobody.close();
  });
});
