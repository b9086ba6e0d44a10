import { randomBytes } from 'node:crypto';
import { Envelope } from './envelope.ts';

const place = { tenantId: 'tenant-a', table: 'api_key_secrets', column: 'ciphertext', rowId: 'key/1' };
const key = (version: number) => `${version}:${randomBytes(32).toString('base64')}`;
const [first, second] = [key(1), key(2)];

describe('Envelope', () => {
  it('opens what it sealed, each time under another key', () => {
    const envelope = new Envelope(first);
    const [one, other] = [envelope.seal('the secret', place), envelope.seal('the secret', place)];
    expect(envelope.open(one, place)).toBe('the secret');
    expect(() => envelope.open({ ...one, wrappedKey: other.wrappedKey }, place)).toThrow();
    expect(one.ciphertext.includes('the secret')).toBe(false);
  });

  it('opens nothing in another row or tenant', () => {
    const sealed = new Envelope(first).seal('the secret', place);
    expect(() => new Envelope(first).open(sealed, { ...place, tenantId: 'tenant-b' })).toThrow();
    expect(() => new Envelope(first).open(sealed, { ...place, rowId: 'key/2' })).toThrow();
  });

  it('opens old secrets after a new key, which wraps new ones', () => {
    const old = new Envelope(first).seal('the secret', place);
    const rotated = new Envelope(`${second},${first}`);
    expect(rotated.open(old, place)).toBe('the secret');
    expect(rotated.seal('the secret', place).wrappedKey.readUInt16BE(1)).toBe(2);
    expect(() => new Envelope(second).open(old, place)).toThrow('not configured');
  });

  it('takes a development key, which its mark tells from others', () => {
    const envelope = new Envelope(`dev-${first}`);
    expect(envelope.open(envelope.seal('the secret', place), place)).toBe('the secret');
  });

  it.each(['', 'short', `${first},${first}`, `70000:${first.slice(2)}`, `x:${first.slice(2)}`, first.slice(2)])(
    'refuses the keys %j without telling them',
    (keys) => {
      expect(() => new Envelope(keys)).toThrow(/^(a key is|two keys)/);
    },
  );
});
