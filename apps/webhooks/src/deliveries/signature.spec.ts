import { createPublicKey, randomBytes, verify } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { parseSecret, signedHeaders } from './signature.ts';

const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const at = new Date(1614265330_000);
const body = Buffer.from('{"test": 2432232314}');
const hmacSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const seedSecret = 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const v1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const v1a = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

describe('signature', () => {
  it('v1 is the vector of Standard Webhooks', () => {
    expect(signedHeaders(id, at, body, [parseSecret(hmacSecret)])).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': v1,
    });
  });

  it('v1a is the vector, and its public key verifies it', () => {
    const key = parseSecret(seedSecret);
    const header = signedHeaders(id, at, body, [key])['webhook-signature'];
    expect(header).toBe(v1a);
    const signed = Buffer.from(`${id}.1614265330.${body.toString()}`);
    expect(verify(null, signed, createPublicKey(key.key), Buffer.from(v1a.slice(4), 'base64'))).toBe(true);
  });

  it('lists one signature for every live secret, in the order given, so that a rotation breaks nobody', () => {
    const keys = [parseSecret(seedSecret), parseSecret(hmacSecret)];
    expect(signedHeaders(id, at, body, keys)['webhook-signature']).toBe(`${v1a} ${v1}`);
  });

  it('is accepted by the public library for any body and secret, and refused when a byte changes', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 24, max: 64 }), (text, length) => {
        const secret = `whsec_${randomBytes(length).toString('base64')}`;
        const sent = Buffer.from(JSON.stringify({ text }));
        const headers = { ...signedHeaders(id, new Date(), sent, [parseSecret(secret)]) };
        const receiver = new Webhook(secret);
        expect(receiver.verify(sent.toString(), headers)).toEqual({ text });
        expect(() => receiver.verify(`${sent.toString()} `, headers)).toThrow();
      }),
      { numRuns: 50 },
    );
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'whsk_c2hvcnQ=', 'secret'])('refuses the unusable secret %j', (text) => {
    expect(() => parseSecret(text)).toThrow();
  });

  it('never sends unsigned', () => {
    expect(() => signedHeaders(id, at, body, [])).toThrow('without a secret');
  });
});
