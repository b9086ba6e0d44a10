import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Api } from './api.ts';
import { eventually } from './eventually.ts';
import { FakeClock } from './fake-clock.ts';
import { TokenIssuer } from './tokens.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

describe('eventually', () => {
  it('answers what the first attempt that holds answers', async () => {
    let calls = 0;
    const answer = await eventually(() => {
      calls += 1;
      if (calls === 1) throw new Error('not yet');
      return calls > 2 && 'there';
    });
    expect([answer, calls]).toEqual(['there', 3]);
  });

  it('says after the deadline what was still wrong', async () => {
    const options = { timeoutMs: 40, everyMs: 5 };
    await expect(eventually(() => expect(1).toBe(2), options)).rejects.toThrow(/not within 40 ms .*Expected: .*2/s);
    await expect(eventually(() => null, options)).rejects.toThrow('the last one: it answered null');
  });
});

describe('the webhook receiver', () => {
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
  });

  afterEach(() => receiver.stop());

  it('records the bytes and answers by the script, then by the standing answer', async () => {
    receiver.answerNext({ status: 503, headers: { 'retry-after': '2' }, body: 'busy' }, { hangUp: true });
    const api = new Api(receiver.url);
    const first = await api.post<string>('/x', '{"a": 1}', { 'webhook-id': '1' });
    expect([first.status, first.body, first.headers.get('retry-after')]).toEqual([503, 'busy', '2']);
    await expect(api.post('/x', {})).rejects.toThrow('fetch failed');
    expect((await api.post('/x', {})).status).toBe(204);
    const request = await receiver.received(({ headers }) => headers['webhook-id'] === '1');
    expect(request).toMatchObject({ method: 'POST', path: '/hook/x', body: '{"a": 1}' });
    expect(receiver.requests).toHaveLength(3);
  });
});

describe('the token issuer', () => {
  it('mints what its key set verifies', async () => {
    const issuer = await TokenIssuer.start();
    const token = await issuer.mint({ audience: 'billing', tenantId: 'T', scopes: ['billing:read', 'billing:write'] });
    const keys = createRemoteJWKSet(new URL(issuer.jwksUrl));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: 'quittance', audience: 'billing' });
    expect(payload).toMatchObject({ sub: 'test-client', tenant: 'T', scope: 'billing:read billing:write' });
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    await issuer.stop();
  });
});

describe('the fake clock', () => {
  it('moves only when told', () => {
    const clock = new FakeClock('2026-01-31T12:00:00Z');
    clock.advance(3_600_000);
    expect(clock.now().toISOString()).toBe('2026-01-31T13:00:00.000Z');
    clock.set('2026-02-28T00:00:00Z');
    expect(clock.now()).toEqual(clock.now());
  });
});
