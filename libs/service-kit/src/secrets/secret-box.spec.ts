import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.ts';

const place = { tenantId: 'tenant-a', table: 'endpoint_secrets', column: 'ciphertext', rowId: 'row-1' };
const key = randomBytes(32);

describe('SecretBox', () => {
  const box = new SecretBox(key);

  it('opens what it sealed, with a fresh IV each time', () => {
    const first = box.seal('whsec_abc', place);
    expect(box.open(first, place)).toBe('whsec_abc');
    expect(box.seal('whsec_abc', place).equals(first)).toBe(false);
    expect(first.includes('whsec_abc')).toBe(false);
  });

  // A row copied to another tenant must not make that tenant's endpoint sign with the first one's secret.
  it.each([
    ['another tenant', { ...place, tenantId: 'tenant-b' }],
    ['another row', { ...place, rowId: 'row-2' }],
    ['another column', { ...place, column: 'description' }],
  ])('does not open in %s', (_, elsewhere) => {
    expect(() => box.open(box.seal('whsec_abc', place), elsewhere)).toThrow();
  });

  it('notices every changed byte', () => {
    const sealed = box.seal('whsec_abc', place);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(sealed.readUInt8(at) ^ 1, at);
      expect(() => box.open(changed, place)).toThrow();
    }
  });

  it('does not open under another key, and takes no key of the wrong length', () => {
    const other = new SecretBox(randomBytes(32));
    expect(() => other.open(box.seal('whsec_abc', place), place)).toThrow();
    expect(() => new SecretBox(randomBytes(16))).toThrow('32 bytes');
  });
});
