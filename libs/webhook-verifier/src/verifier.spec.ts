import { createHmac } from 'node:crypto';
import { WebhookRefused, WebhookVerifier } from './verifier.ts';

// The vectors of Standard Webhooks.
const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const sentAt = 1614265330;
const body = '{"test": 2432232314}';
const whsec = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const whsk = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const whpk = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
const v1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const v1a = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';
const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(whpk.slice(5), 'base64').toString('base64url') };
const otherSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const verifier = (secrets: ConstructorParameters<typeof WebhookVerifier>[0], at = sentAt, toleranceSeconds = 300) =>
  new WebhookVerifier(secrets, { now: () => new Date(at * 1000), toleranceSeconds });
const headers = (over: Record<string, string | string[] | undefined> = {}) => ({
  ...{ 'webhook-id': id, 'webhook-timestamp': `${sentAt}`, 'webhook-signature': v1 },
  ...over,
});
const signed = (signatures: string) => headers({ 'webhook-signature': signatures });

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof WebhookRefused) return error.reason;
    throw error;
  }
  return 'taken';
}

describe('the vectors', () => {
  const verified = { id, timestamp: new Date(sentAt * 1000), payload: { test: 2432232314 } };

  it.each([
    ['v1', whsec, v1],
    ['v1a by its text', whpk, v1a],
    ['v1a by a JWK', [jwk], v1a],
  ])('%s', (_version, secret, signature) => {
    expect(verifier(secret).verify(body, signed(signature))).toEqual(verified);
    expect(verifier(secret).verify(Buffer.from(body), signed(signature))).toEqual(verified);
    expect(reasonOf(() => verifier(secret).verify(`${body} `, signed(signature)))).toBe('signature_mismatch');
  });

  it('a signature of one version is not one of the other', () => {
    expect(reasonOf(() => verifier(whsec).verify(body, signed(v1a)))).toBe('signature_mismatch');
    expect(reasonOf(() => verifier(whpk).verify(body, signed(v1)))).toBe('signature_mismatch');
    expect(reasonOf(() => verifier(whsec).verify(body, signed(v1.replace('v1,', 'v1a,'))))).toBe('signature_mismatch');
  });

  it('during a rotation any secret of ours and any signature of theirs will do', () => {
    expect(verifier([otherSecret, whsec]).verify(body, signed(v1))).toEqual(verified);
    expect(verifier(whsec).verify(body, signed(`${v1a} ${v1}`))).toEqual(verified);
    expect(reasonOf(() => verifier([otherSecret]).verify(body, signed(`${v1a} ${v1}`)))).toBe('signature_mismatch');
  });
});

describe('rule 1: all three headers, once each', () => {
  it.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('%s', (name) => {
    const refusal = (value: string | string[] | undefined) =>
      reasonOf(() => verifier(whsec).verify(body, headers({ [name]: value })));
    expect(refusal(undefined)).toBe('header_missing');
    expect(refusal('')).toBe('header_missing');
    expect(refusal(['a', 'a'])).toBe('header_invalid');
  });

  it('in any spelling, and from the Headers of fetch', () => {
    const shouted = Object.fromEntries(Object.entries(headers()).map(([name, value]) => [name.toUpperCase(), value]));
    expect(reasonOf(() => verifier(whsec).verify(body, shouted))).toBe('taken');
    expect(reasonOf(() => verifier(whsec).verify(body, new Headers(headers() as Record<string, string>)))).toBe(
      'taken',
    );
    expect(reasonOf(() => verifier(whsec).verify(body, new Headers()))).toBe('header_missing');
  });

  it('an id with a dot is refused: what is signed could be cut elsewhere', () => {
    expect(reasonOf(() => verifier(whsec).verify(body, headers({ 'webhook-id': 'a.1' })))).toBe('header_invalid');
  });
});

describe('rule 2: a timestamp in whole seconds, at most 300 s away, both ways', () => {
  it.each([
    [-301, 'timestamp_too_new'],
    [-300, 'taken'],
    [0, 'taken'],
    [300, 'taken'],
    [301, 'timestamp_too_old'],
  ])('%d s after it was sent: %s', (age, expected) => {
    expect(reasonOf(() => verifier(whsec, sentAt + age).verify(body, headers()))).toBe(expected);
  });

  it('the tolerance is ours to choose', () => {
    expect(reasonOf(() => verifier(whsec, sentAt + 11, 10).verify(body, headers()))).toBe('timestamp_too_old');
  });

  it.each(['x', '1e9', '-1', '+1614265330', '1614265330.0', ' 1614265330', '0x60', '9'.repeat(13)])('%j', (text) => {
    expect(reasonOf(() => verifier(whsec).verify(body, headers({ 'webhook-timestamp': text })))).toBe('header_invalid');
  });

  it('another spelling of the same second is not what was signed', () => {
    const spelled = headers({ 'webhook-timestamp': `0${sentAt}` });
    expect(reasonOf(() => verifier(whsec).verify(body, spelled))).toBe('signature_mismatch');
  });
});

describe('rules 4 and 5: a list; unknown versions and malformed items are passed over', () => {
  it.each([
    ['another version first', `v2,abc ${v1}`],
    ['no comma', `v1 ${v1}`],
    ['nothing between two spaces', `  ${v1}`],
    ['no version', `,abc ${v1}`],
    ['an empty signature', `v1, ${v1}`],
    ['no base64', `v1,~~ v1a,~~ ${v1}`],
  ])('%s', (_what, list) => {
    expect(reasonOf(() => verifier([whsec, whpk]).verify(body, signed(list)))).toBe('taken');
  });

  it.each([
    ['cut short', v1.slice(0, -1)],
    ['with something behind it', `${v1},x`],
    ['with base64 that says the same in another way', v1a.replace('Ag==', 'Ah==')],
    ['in the 33rd place', `${'v1,x '.repeat(32)}${v1}`],
    ['none of any known version', 'v2,abc v3,def'],
  ])('refused: %s', (_what, list) => {
    expect(reasonOf(() => verifier([whsec, whpk]).verify(body, signed(list)))).toBe('signature_mismatch');
  });
});

describe('rule 6: no secret that is none', () => {
  it.each([
    '',
    'whsec_',
    'whpk_',
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_c2hvcnQ=',
    `whsec_${Buffer.alloc(65).toString('base64')}`,
    `${whsec}\n`,
    `${whsec.slice(0, -1)}~`,
    'whpk_c2hvcnQ=',
    whsk,
  ])('%j', (secret) => {
    expect(() => new WebhookVerifier(secret)).toThrow(Error);
  });

  it('nor an empty list, nor a key of another kind', () => {
    expect(() => new WebhookVerifier([])).toThrow('no secret');
    expect(() => new WebhookVerifier([{ ...jwk, crv: 'X25519' }])).toThrow('ed25519');
    expect(() => new WebhookVerifier([{ ...jwk, x: 'AAAA' }])).toThrow('ed25519');
  });
});

describe('rule 7: only then is the body read', () => {
  const signedBytes = (bytes: Buffer) => {
    const key = Buffer.from(whsec.slice('whsec_'.length), 'base64');
    const hmac = createHmac('sha256', key).update(`${id}.${sentAt}.`).update(bytes);
    return signed(`v1,${hmac.digest('base64')}`);
  };

  it.each([
    ['half an object', Buffer.from('{')],
    ['nothing', Buffer.alloc(0)],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('%s: refused for its signature first, and where that is good for what it is', (_what, bytes) => {
    expect(reasonOf(() => verifier(whsec).verify(bytes, headers()))).toBe('signature_mismatch');
    expect(reasonOf(() => verifier(whsec).verify(bytes, signedBytes(bytes)))).toBe('body_not_json');
  });

  it('what a parser made of the body is a mistake of the receiver, said as such', () => {
    expect(() => verifier(whsec).verify(JSON.parse(body) as string, headers())).toThrow(TypeError);
  });
});
