import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { JWTVerifyGetKey } from 'jose';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { remoteKeys, TokenVerifier } from './token-verifier.ts';

const rules = { issuer: 'quittance', audience: 'toy' };
const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'EdDSA' }] };

function token(
  exp: number,
  { kid = 'k1', ...claims }: { kid?: string; currency?: string; partner?: unknown } = {},
): Promise<string> {
  return new SignJWT({ tenant: randomUUID(), currency: 'EUR', scope: 'a b', sub: 'client', ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid })
    .setIssuer(rules.issuer)
    .setAudience(rules.audience)
    .setIssuedAt(Math.min(exp, nowSeconds()) - 1)
    .setExpirationTime(exp)
    .sign(pair.privateKey);
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Keys that count how often a signature had to be checked. */
function counted(): { keys: JWTVerifyGetKey; checks: () => number } {
  const local = createLocalJWKSet(jwks);
  let checks = 0;
  return {
    keys: (header, input) => {
      checks++;
      return local(header, input);
    },
    checks: () => checks,
  };
}

it('checks a token once and remembers it', async () => {
  const { keys, checks } = counted();
  const verifier = new TokenVerifier(rules, keys);
  const good = await token(nowSeconds() + 300);
  const first = await verifier.verify(good);
  expect(first).toMatchObject({ clientId: 'client', currency: 'EUR', scopes: ['a', 'b'] });
  await expect(verifier.verify(good)).resolves.toBe(first);
  expect(checks()).toBe(1);
});

it('tells the partner that a token speaks for, and takes no other kind of claim for one', async () => {
  const verifier = new TokenVerifier(rules, counted().keys);
  const soon = nowSeconds() + 300;
  expect(await verifier.verify(await token(soon, { partner: 'ACME' }))).toMatchObject({ partnerId: 'ACME' });
  expect(await verifier.verify(await token(soon))).not.toHaveProperty('partnerId');
  for (const partner of ['', 7, ['ACME'], null])
    await expect(verifier.verify(await token(soon, { partner }))).rejects.toMatchObject({ status: 401 });
});

it('never answers from memory past the time of the token, though the clock tolerance still accepts it', async () => {
  const { keys, checks } = counted();
  const verifier = new TokenVerifier(rules, keys);
  const late = await token(nowSeconds() - 2);
  await verifier.verify(late);
  await verifier.verify(late);
  expect(checks()).toBe(2);
});

it('remembers ten thousand tokens at most', async () => {
  const verifier = new TokenVerifier(rules, counted().keys);
  const memory = Reflect.get(verifier, 'verified') as Map<string, unknown>;
  for (let n = 0; n < 10_000; n++) memory.set(`t${n}`, { caller: {}, expiresAtMs: Infinity });
  await verifier.verify(await token(nowSeconds() + 300));
  expect(memory.size).toBe(10_000);
  expect(memory.has('t0')).toBe(false);
});

describe('keys at a URL', () => {
  let healthy = true;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.writeHead(healthy ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify(jwks));
  });
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  });

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('fetches them once and asks an unknown key id at most once in a while', async () => {
    requests = 0;
    const verifier = new TokenVerifier(rules, remoteKeys(url));
    await verifier.verify(await token(nowSeconds() + 300));
    for (const kid of ['x1', 'x2', 'x3']) {
      await expect(verifier.verify(await token(nowSeconds() + 300, { kid }))).rejects.toMatchObject({ status: 401 });
    }
    expect(requests).toBe(1);
  });

  it('goes on with the last good keys while they cannot be fetched again', async () => {
    const verifier = new TokenVerifier(rules, remoteKeys(url, 0));
    await verifier.verify(await token(nowSeconds() + 300));
    healthy = false;
    await expect(verifier.verify(await token(nowSeconds() + 200))).resolves.toMatchObject({ clientId: 'client' });
    await expect(verifier.verify(await token(nowSeconds() + 200, { kid: 'x' }))).rejects.toMatchObject({ status: 401 });
    healthy = true;
  });

  it('answers 503, not 401, while there are no keys: the token may be good', async () => {
    healthy = false;
    const verifier = new TokenVerifier(rules, remoteKeys(url));
    await expect(verifier.verify(await token(nowSeconds() + 300))).rejects.toMatchObject({
      status: 503,
      code: 'unavailable',
      extra: { retryAfter: 1 },
    });
    healthy = true;
  });
});
