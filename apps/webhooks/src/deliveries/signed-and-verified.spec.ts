import fc from 'fast-check';
import { WebhookVerifier } from '@quittance/webhook-verifier';
import type { SecretKind } from '../domain/secret.ts';
import { newSecret } from '../endpoints/new-secret.ts';
import { parseSecret, signedHeaders } from './signature.ts';

const sentAt = new Date('2026-03-01T12:00:00.000Z');
const verifierOf = (...texts: string[]) => new WebhookVerifier(texts, { now: () => sentAt });

/** A new secret, and what its receiver is shown of it. */
function made(kind: SecretKind) {
  const { text, publicKey } = newSecret(kind);
  return { text, shown: publicKey ?? text };
}

it('what is signed here is taken by the verifier that receivers get, v1 and v1a, and no other body, id or key', () => {
  const kind = fc.constantFrom<SecretKind>('hmac', 'ed25519');
  fc.assert(
    fc.property(kind, fc.json(), fc.uuid(), (of, text, id) => {
      const [secret, other] = [made(of), made(of)];
      const body = Buffer.from(text);
      const headers = { ...signedHeaders(id, sentAt, body, [parseSecret(secret.text)]) };
      const verified = { id, timestamp: sentAt, payload: JSON.parse(text) as unknown };
      expect(verifierOf(secret.shown).verify(body, headers)).toEqual(verified);
      expect(() => verifierOf(secret.shown).verify(`${text} `, headers)).toThrow('no signature');
      expect(() => verifierOf(secret.shown).verify(body, { ...headers, 'webhook-id': 'x' })).toThrow('no signature');
      expect(() => verifierOf(other.shown).verify(body, headers)).toThrow('no signature');
    }),
    { numRuns: 50 },
  );
});

it('while one replaces the other, also of another kind, whoever knows either of them takes it', () => {
  const [old, young] = [made('hmac'), made('ed25519')];
  const body = Buffer.from('{}');
  const headers = { ...signedHeaders('m', sentAt, body, [parseSecret(young.text), parseSecret(old.text)]) };
  for (const known of [[old], [young], [old, young]]) {
    expect(verifierOf(...known.map(({ shown }) => shown)).verify(body, headers).id).toBe('m');
  }
});

describe('which secrets sign is decided by the time of the send', () => {
  const at = (ms: number) => new Date(sentAt.getTime() + ms);
  const body = Buffer.from('{}');
  const names = { old: made('hmac'), young: made('ed25519') };
  const keys = [
    parseSecret(names.young.text, { notBefore: sentAt, expiresAt: null }),
    parseSecret(names.old.text, { notBefore: at(-86_400_000), expiresAt: at(1000) }),
  ];

  it.each([
    ['before the new one begins', -1, 'v1'],
    ['from its first instant', 0, 'v1a v1'],
    ['until the old one ends', 999, 'v1a v1'],
    ['from that instant on', 1000, 'v1a'],
  ])('%s', (_when, ms, versions) => {
    const list = signedHeaders('m', at(ms), body, keys)['webhook-signature'];
    expect(list.replaceAll(/,\S+/g, '')).toBe(versions);
  });
});
