import { createHash, createHmac, createSecretKey } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isDigestOf } from './digest.ts';
import { readImfDate } from './imf-date.ts';
import { algorithms } from './profile.ts';
import type { Algorithm, Profile } from './profile.ts';
import { readSignatureHeader } from './signature-header.ts';
import { signingString } from './signing-string.ts';
import type { VerificationKey } from './verify.ts';
import { verifySignature } from './verify.ts';

const DATE = 'Thu, 04 Nov 2021 18:07:11 GMT';
const now = new Date('2021-11-04T18:07:11Z');
const skewSeconds = { strict: 60, 'xcover-compat': 300 };
const STRICT = ['(request-target)', 'host', 'date', 'digest', 'idempotency-key'];

const keyOf = (secrets: string[], more: Partial<VerificationKey> = {}): VerificationKey => ({
  profile: 'xcover-compat',
  algorithms,
  secrets: secrets.map((secret) => createSecretKey(Buffer.from(secret))),
  ...more,
});
const compat = keyOf(['test-secret']);
const strict = keyOf(['test-secret'], { profile: 'strict' });

interface Sent {
  authorization: string;
  headers?: IncomingHttpHeaders;
  method?: string;
  target?: string;
}

function check(
  { authorization, headers = {}, method = 'POST', target = '/x/' }: Sent,
  key?: VerificationKey,
  at = now,
) {
  const presented = readSignatureHeader(authorization);
  if (!presented) throw new Error('not a header');
  const request = { method, target, headers: { date: DATE, ...headers } };
  return verifySignature({ request, presented, key, now: at, skewSeconds });
}

function signed(names: readonly string[], text: string, algorithm: Algorithm = 'hmac-sha512', secret = 'test-secret') {
  const signature = createHmac(algorithm.slice(5), secret).update(text).digest('base64');
  const encoded = encodeURIComponent(signature);
  return `Signature keyId="test-key",algorithm="${algorithm}",headers="${names.join(' ')}",signature="${encoded}"`;
}

describe('the vectors of reliability.md 1.1', () => {
  const A = '2XS4T1T8sWiOe%2FP4%2FFB00fs9Eq4vP72vsPHghDBQlCdXsPKPgtGcGfwgTqQARayqT659n%2FIER01RGOOpgXoMCQ%3D%3D';
  const authorization = `Signature keyId="test-key",algorithm="hmac-sha512",signature="${A}"`;

  it('A: the date alone, as the document of the vendor signs it', () => {
    expect(signingString({ method: 'GET', target: '/', headers: { date: DATE } }, ['date'])).toBe(`date: ${DATE}`);
    expect(check({ authorization }, compat)).toMatchObject({ profile: 'xcover-compat', digest: undefined });
  });

  it('B: with the request target, a line feed between and none at the end', () => {
    const target = '/x/partners/ACME/bookings/INS-1/instalments/';
    const names = ['(request-target)', 'date'];
    const text = `(request-target): post ${target}\ndate: ${DATE}`;
    expect(signingString({ method: 'POST', target, headers: { date: DATE } }, names)).toBe(text);
    const B = 'S9J0BLXb0Imb1tUGTsv10aWZ2wJawmSRL3dSJK7yEJHl9XJt8famSNWjZP/cafP9bKwKN5YPDsMVTCKP2X1AtQ==';
    const parameters = `keyId="test-key",algorithm="hmac-sha512",headers="${names.join(' ')}"`;
    const sent = { authorization: `Signature ${parameters},signature="${encodeURIComponent(B)}"`, target };
    expect(check(sent, compat)?.profile).toBe('xcover-compat');
    expect(check({ ...sent, method: 'GET' }, compat)).toBeNull();
    expect(check({ ...sent, target: target.replace('ACME', 'EMCA') }, compat)).toBeNull();
    expect(check({ ...sent, target: `${target}?a=1` }, compat)).toBeNull();
  });

  it("C: the vendor's own test, HMAC-SHA256", () => {
    const date = 'Sun, 29 Aug 2021 12:07:26 GMT';
    const C = 'bfxytCfvFqito27v0%2FKcN1jBJsgnCReimKXdAWwoi0k%3D';
    const sent = {
      authorization: `Signature keyId="k",algorithm="hmac-sha256",signature="${C}"`,
      headers: { date },
    };
    expect(check(sent, keyOf(['test_api_secret']), new Date(date))?.profile).toBe('xcover-compat');
  });

  it('is the same bytes whether or not the padding is percent-encoded, and no other spelling', () => {
    const spelled = (signature: string) =>
      check({ authorization: `Signature keyId="k",algorithm="hmac-sha512",signature="${signature}"` }, compat);
    const plain = decodeURIComponent(A);
    expect(spelled(plain)).not.toBeNull();
    const others = [
      A.replaceAll('%', '%25'),
      plain.replaceAll('/', '_'),
      plain.replace('==', ''),
      plain.replace('CQ==', 'CR=='),
      plain.slice(4),
      `${plain.slice(0, -2)}A=`,
      '%',
      '%zz',
    ];
    for (const other of others) expect([other, spelled(other)]).toEqual([other, null]);
  });
});

describe('what is refused', () => {
  const text = `date: ${DATE}`;
  const authorization = signed(['date'], text);

  it('is every changed character of the signature', () => {
    const signature = createHmac('sha512', 'test-secret').update(text).digest();
    for (let at = 0; at < signature.length; at++) {
      const changed = Buffer.from(signature);
      changed.writeUInt8(signature.readUInt8(at) ^ 1, at);
      const encoded = encodeURIComponent(changed.toString('base64'));
      const sent = `Signature keyId="k",algorithm="hmac-sha512",signature="${encoded}"`;
      expect([at, check({ authorization: sent }, compat)]).toEqual([at, null]);
    }
  });

  it('is another date, another secret, and a key that nobody has', () => {
    expect(check({ authorization, headers: { date: 'Thu, 04 Nov 2021 18:07:12 GMT' } }, compat)).toBeNull();
    expect(check({ authorization }, keyOf(['test-secreT']))).toBeNull();
    expect(check({ authorization }, undefined)).toBeNull();
  });

  it.each([
    [-301, false],
    [-300, true],
    [300, true],
    [301, false],
  ])('is a date %d s away in the weak profile', (seconds, isTaken) => {
    const at = new Date(now.getTime() + seconds * 1000);
    expect(check({ authorization }, compat, at) !== null).toBe(isTaken);
  });

  it.each(algorithms)('is an algorithm that the key does not allow, though the signature is right: %s', (algorithm) => {
    const sent = { authorization: signed(['date'], text, algorithm) };
    expect(check(sent, keyOf(['test-secret'], { algorithms: [algorithm] }))).not.toBeNull();
    const others = algorithms.filter((other) => other !== algorithm);
    expect(check(sent, keyOf(['test-secret'], { algorithms: others }))).toBeNull();
  });

  it.each(['hmac-sha1', 'none', 'HMAC-SHA512', 'rsa-sha256', 'hs2019', 'hmac-md5', 'constructor'])(
    'is the algorithm %s',
    (algorithm) => expect(check({ authorization: authorization.replace('hmac-sha512', algorithm) }, compat)).toBeNull(),
  );

  it('is a signed header that is not there', () => {
    const names = ['date', 'digest'];
    const sent = { authorization: signed(names, `date: ${DATE}`), headers: {} };
    expect(check(sent, compat)).toBeNull();
    expect(check({ ...sent, authorization: signed(names, `date: ${DATE}\ndigest: `) }, compat)).toBeNull();
    expect(check({ ...sent, authorization: signed(names, `date: ${DATE}\ndigest: undefined`) }, compat)).toBeNull();
  });

  it('is a signature that does not cover the date', () => {
    expect(check({ authorization: signed(['host'], 'host: h'), headers: { host: 'h' } }, compat)).toBeNull();
  });
});

describe('the strict profile', () => {
  const body = '{"a":1}';
  const headers = {
    host: 'pay.example',
    digest: `SHA-256=${createHash('sha256').update(body).digest('base64')}`,
    'idempotency-key': 'once-1',
  };
  const lines = (names: readonly string[]) =>
    names.map((name) => {
      const values: Record<string, string> = { ...headers, date: DATE, '(request-target)': 'post /x/' };
      return `${name}: ${values[name]!}`;
    });
  const all = signed(STRICT, lines(STRICT).join('\n'));

  it('asks for target, host, date, digest and idempotency key, in any order', () => {
    expect(check({ authorization: all, headers }, strict)).toMatchObject({ profile: 'strict', digest: headers.digest });
    const reversed = STRICT.toReversed();
    expect(check({ authorization: signed(reversed, lines(reversed).join('\n')), headers }, strict)).not.toBeNull();
  });

  it.each(STRICT)('is not kept without %s, which the weak one does not mind but for the date', (missing) => {
    const names = STRICT.filter((name) => name !== missing);
    const sent = { authorization: signed(names, lines(names).join('\n')), headers };
    expect(check(sent, strict)).toBeNull();
    const weak = missing === 'date' ? null : expect.objectContaining({ profile: 'xcover-compat' } as const);
    expect(check(sent, compat)).toEqual(weak);
  });

  it('may be kept by a key of the weak one, and then its narrow window holds', () => {
    const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    for (const key of [strict, compat]) {
      expect(check({ authorization: all, headers }, key, later(60))?.profile).toBe('strict');
      expect(check({ authorization: all, headers }, key, later(61))).toBeNull();
    }
  });

  it.each([
    ['host', { host: 'evil.example' }],
    ['digest', { digest: 'SHA-256=AAAA' }],
    ['idempotency key', { 'idempotency-key': 'twice' }],
    ['date', { date: 'Thu, 04 Nov 2021 18:07:10 GMT' }],
  ])('notices another %s', (_what, changed) => {
    expect(check({ authorization: all, headers: { ...headers, ...changed } }, strict)).toBeNull();
  });

  it('gives the digest on, to be compared with the bytes', () => {
    const { digest = '' } = check({ authorization: all, headers }, strict) ?? {};
    expect(isDigestOf(digest, Buffer.from(body))).toBe(true);
    expect(isDigestOf(digest, Buffer.from(`${body} `))).toBe(false);
  });
});

it('takes either secret while they are rotated', () => {
  const both = keyOf(['the new', 'the old']);
  for (const secret of ['the new', 'the old']) {
    const authorization = signed(['date'], `date: ${DATE}`, 'hmac-sha512', secret);
    expect(check({ authorization }, both)).not.toBeNull();
  }
  expect(check({ authorization: signed(['date'], `date: ${DATE}`, 'hmac-sha512', 'neither') }, both)).toBeNull();
});

it.each([
  ['2021-11-04T18:07:11Z'],
  ['Thursday, 04-Nov-21 18:07:11 GMT'],
  ['Thu Nov  4 18:07:11 2021'],
  ['Fri, 04 Nov 2021 18:07:11 GMT'],
  ['Thu, 4 Nov 2021 18:07:11 GMT'],
  ['Wed, 31 Feb 2021 18:07:11 GMT'],
  ['Thu, 04 Nov 2021 24:00:00 GMT'],
  ['Thu, 04 Nov 2021 18:07:11 UTC'],
  ['Thu, 04 Nov 2021 18:07:11 +0000'],
  [''],
])('%j is no date of HTTP', (text) => expect(readImfDate(text)).toBeNull());

it.each(['', 'SHA-256=', 'sha-256=x', 'MD5=x', 'SHA-512=x'])('%j is the digest of nothing', (digest) => {
  expect(isDigestOf(digest, Buffer.from(''))).toBe(false);
});

it('knows the digest of no body', () => {
  expect(isDigestOf('SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', Buffer.alloc(0))).toBe(true);
});

it('each profile is one of two', () => {
  const all: Profile[] = ['strict', 'xcover-compat'];
  expect(
    all.map(
      (profile) =>
        check({ authorization: signed(['date'], `date: ${DATE}`) }, keyOf(['test-secret'], { profile })) !== null,
    ),
  ).toEqual([false, true]);
});
