import { generateKeyPairSync } from 'node:crypto';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { SignJWT, createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { Clock } from '@quittance/service-kit/clock';
import type { Principal } from '../clients/client.ts';
import { SigningKeys } from './signing-keys.ts';
import { PUBLIC_AUDIENCE, TOKEN_TTL_SECONDS, Tokens } from './tokens.ts';

class HeldClock extends Clock {
  at = Date.parse('2026-01-15T12:00:00Z');
  override now(): Date {
    return new Date(this.at);
  }
}

const newKey = (kid: string) =>
  JSON.stringify({ ...generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }), kid });
const principal: Principal = {
  tenantId: '0199a3c4-7f1e-7b52-9c1d-3e5f60718293',
  clientId: 'ci_dev_0123456789ABCDEFGHIJKL',
  currency: 'USD',
  scopes: ['payments:read', 'payments:write'],
};

function setUp() {
  const clock = new HeldClock();
  const keys = new SigningKeys(newKey('k1'));
  return { clock, keys, tokens: new Tokens(keys, 'quittance', clock) };
}

describe('internal tokens', () => {
  it('carry what a service needs and verify against the published keys', async () => {
    const { clock, keys, tokens } = setUp();
    const token = await tokens.internalToken(principal, 'payments');
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys.published), {
      issuer: 'quittance',
      audience: 'payments',
      typ: 'at+jwt',
      currentDate: clock.now(),
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1' });
    expect(payload).toMatchObject({
      sub: principal.clientId,
      tenant: principal.tenantId,
      currency: 'USD',
      scope: 'payments:read payments:write',
    });
    expect(payload.exp! - payload.iat!).toBe(TOKEN_TTL_SECONDS);
  });

  it('are signed once for a principal and a service, and again 30 seconds before they expire', async () => {
    const { clock, tokens } = setUp();
    const first = await tokens.internalToken(principal, 'payments');
    clock.at += 269_999;
    expect(tokens.internalToken(principal, 'payments')).toBe(first);
    clock.at += 1;
    const second = await tokens.internalToken(principal, 'payments');
    expect(decodeJwt(second).exp).toBeGreaterThan(decodeJwt(first).exp!);
  });

  it('are of no use to another service: each has its own audience', async () => {
    const { tokens } = setUp();
    const [payments, billing] = await Promise.all([
      tokens.internalToken(principal, 'payments'),
      tokens.internalToken(principal, 'billing'),
    ]);
    expect([decodeJwt(payments).aud, decodeJwt(billing).aud]).toEqual(['payments', 'billing']);
  });

  it('are not accepted as access tokens', async () => {
    const { tokens } = setUp();
    expect(await tokens.verifyAccessToken(await tokens.internalToken(principal, 'payments'))).toBeNull();
  });
});

describe('access tokens', () => {
  it('say who they were issued to, until they expire', async () => {
    const { clock, tokens } = setUp();
    const token = await tokens.issueAccessToken(principal);
    expect(decodeProtectedHeader(token).typ).toBe('at+jwt');
    expect(await tokens.verifyAccessToken(token)).toEqual(principal);
    expect(tokens.recall(token)).toEqual(principal);
    clock.at += TOKEN_TTL_SECONDS * 1000;
    expect(tokens.recall(token)).toBeUndefined();
    expect(await tokens.verifyAccessToken(token)).toBeNull();
  });

  it('outlive the key that signed them for as long as it is published', async () => {
    const clock = new HeldClock();
    const [older, newer] = [newKey('old'), newKey('new')];
    const token = await new Tokens(new SigningKeys(older), 'quittance', clock).issueAccessToken(principal);
    const both = new SigningKeys(JSON.stringify({ keys: [JSON.parse(newer), JSON.parse(older)] }));
    expect(await new Tokens(both, 'quittance', clock).verifyAccessToken(token)).toEqual(principal);
    expect(await new Tokens(new SigningKeys(newer), 'quittance', clock).verifyAccessToken(token)).toBeNull();
  });

  type Forgery = [
    name: string,
    change: { header?: Partial<JWTHeaderParameters>; claims?: JWTPayload; symmetric?: boolean },
  ];
  const forgeries: Forgery[] = [
    ['an ID token', { header: { typ: 'JWT' } }],
    ['another issuer', { claims: { iss: 'somebody' } }],
    ['another audience', { claims: { aud: 'payments' } }],
    ['an unknown key', { header: { kid: 'k2' } }],
    ['no tenant', { claims: { tenant: undefined } }],
    ['a scope that is no text', { claims: { scope: ['payments:read'] } }],
    ['HS256 under the public key', { header: { alg: 'HS256' }, symmetric: true }],
  ];
  it.each(forgeries)('refuses %s', async (_name, { header, claims, symmetric }) => {
    const { clock, keys, tokens } = setUp();
    const iat = Math.floor(clock.at / 1000);
    const honest = { iss: 'quittance', aud: PUBLIC_AUDIENCE, sub: principal.clientId, iat, exp: iat + 300 };
    const body = { ...honest, tenant: principal.tenantId, currency: 'USD', scope: 'payments:read' };
    const sign = (change: Forgery[1]) =>
      new SignJWT(JSON.parse(JSON.stringify({ ...body, ...change.claims })) as JWTPayload)
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1', ...change.header })
        .sign(change.symmetric ? Buffer.from(keys.published.keys[0]!.x) : keys.current.privateKey);
    expect(await tokens.verifyAccessToken(await sign({}))).not.toBeNull();
    expect(
      await tokens.verifyAccessToken(
        await sign({ ...(header && { header }), ...(claims && { claims }), ...(symmetric && { symmetric }) }),
      ),
    ).toBeNull();
  });

  it('refuses text that is no token', async () => {
    const { tokens } = setUp();
    expect(
      await Promise.all(['', 'x', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'].map((text) => tokens.verifyAccessToken(text))),
    ).toEqual([null, null, null, null]);
  });
});

describe('signing keys', () => {
  it('publish no private half', () => {
    expect(Object.keys(setUp().keys.published.keys[0]!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });

  it.each(['', '{"kty":"OKP"}', '{"keys":[]}', '{"kty":"RSA","kid":"x","d":"x"}'])('refuse %j', (text) => {
    expect(() => new SigningKeys(text)).toThrow('SIGNING_KEY');
  });

  it('never quote the key in an error', () => {
    expect(() => new SigningKeys('{"d":"very-private"')).toThrow(/^SIGNING_KEY is not JSON$/);
  });
});
