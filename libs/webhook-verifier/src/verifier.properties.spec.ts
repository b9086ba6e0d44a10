import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { SeenIds } from './seen-ids.ts';
import { WebhookVerifier } from './verifier.ts';

const runs = { numRuns: 100 };
const messageId = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const payload = fc.json();
const length = fc.integer({ min: 24, max: 64 });

function headersOf(id: string, at: Date, signature: string) {
  return { 'webhook-id': id, 'webhook-timestamp': `${at.getTime() / 1000}`, 'webhook-signature': signature };
}
const thisSecond = () => new Date(Math.floor(Date.now() / 1000) * 1000);

describe('beside the public library', () => {
  it('takes what it signs, for any body and secret, and refuses it when a byte is another one', () => {
    fc.assert(
      fc.property(messageId, payload, length, fc.nat(), (id, text, bytes, where) => {
        const secret = `whsec_${randomBytes(bytes).toString('base64')}`;
        const at = thisSecond();
        const headers = headersOf(id, at, new Webhook(secret).sign(id, at, text));
        const verifier = new WebhookVerifier(secret);
        expect(verifier.verify(text, headers)).toEqual({ id, timestamp: at, payload: JSON.parse(text) as unknown });
        const changed = Buffer.from(text);
        const place = where % changed.length;
        changed[place] = (changed[place] ?? 0) ^ 1;
        expect(() => verifier.verify(changed, headers)).toThrow('no signature');
        const soon = new Date(at.getTime() + 1000);
        expect(() => verifier.verify(text, headersOf(id, soon, headers['webhook-signature']))).toThrow('no signature');
      }),
      runs,
    );
  });

  it('refuses and takes the same lists of signatures', () => {
    const item = fc.constantFrom('good', 'v1,bad', 'v1', 'v2,good', '', ',', 'v1,');
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 8 }), (items) => {
        const secret = `whsec_${randomBytes(32).toString('base64')}`;
        const at = thisSecond();
        const good = new Webhook(secret).sign('m', at, '{}');
        const list = items.map((each) => (each === 'good' ? good : each)).join(' ');
        const theirs = accepts(() => new Webhook(secret).verify('{}', headersOf('m', at, list)));
        const ours = accepts(() => new WebhookVerifier(secret).verify('{}', headersOf('m', at, list)));
        expect(ours).toBe(theirs);
      }),
      runs,
    );
  });
});

it('v1a: takes what the key signed, and nothing of another key', () => {
  fc.assert(
    fc.property(messageId, payload, (id, text) => {
      const [{ privateKey, publicKey }, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
      const at = thisSecond();
      const signed = Buffer.from(`${id}.${at.getTime() / 1000}.${text}`);
      const headers = headersOf(id, at, `v1a,${sign(null, signed, privateKey).toString('base64')}`);
      const jwkOf = (key: typeof publicKey) => key.export({ format: 'jwk' }) as { kty: string; crv: string; x: string };
      expect(new WebhookVerifier([jwkOf(publicKey)]).verify(text, headers).id).toBe(id);
      expect(() => new WebhookVerifier([jwkOf(other.publicKey)]).verify(text, headers)).toThrow('no signature');
    }),
    runs,
  );
});

it('whatever comes, it is refused or believed: nothing else is thrown', () => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(undefined), fc.array(fc.string()));
  const headers = fc.record({ 'webhook-id': value, 'webhook-timestamp': value, 'webhook-signature': value });
  const verifier = new WebhookVerifier(`whsec_${randomBytes(32).toString('base64')}`);
  fc.assert(
    fc.property(fc.uint8Array(), headers, (body, sent) => {
      expect(() => verifier.verify(body, sent)).toThrow(expect.objectContaining({ name: 'WebhookRefused' }));
    }),
    { numRuns: 500 },
  );
});

describe('rule 8: SeenIds', () => {
  it('works once an id, also when it comes twice at the same time', async () => {
    const seen = new SeenIds();
    let worked = 0;
    const work = async () => void (worked += 1);
    await Promise.all([seen.once('a', work), seen.once('a', work)]);
    await seen.once('a', work);
    await seen.once('b', work);
    expect(worked).toBe(2);
  });

  it('forgets work that failed, so that the next attempt counts', async () => {
    const seen = new SeenIds();
    const failing = seen.once('a', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    let worked = false;
    await seen.once('a', () => void (worked = true));
    expect(worked).toBe(true);
  });

  it('keeps so many and forgets the oldest', async () => {
    const seen = new SeenIds(2);
    const worked: string[] = [];
    for (const id of ['a', 'b', 'c', 'c', 'a']) await seen.once(id, () => void worked.push(id));
    expect(worked).toEqual(['a', 'b', 'c', 'a']);
  });
});

function accepts(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
