import { randomUUID } from 'node:crypto';
import { LinkAddresses } from './link-addresses.ts';

const link = { tenantId: randomUUID(), id: randomUUID(), keyId: 'a' };
const key = { tenantId: link.tenantId, id: link.id };
const addresses = new LinkAddresses('a:a-secret-of-16-characters', 'https://pay.example');

describe('the address of a link', () => {
  it('is the same every time, and leads back to tenant and link', () => {
    const url = addresses.urlOf(link);
    expect(url).toMatch(/^https:\/\/pay\.example\/pay\/[\w-]{86}$/);
    expect(addresses.urlOf(link)).toBe(url);
    expect(addresses.read(url.split('/').at(-1)!)).toEqual(key);
  });

  it('keeps the path of the public address', () => {
    const behindPath = new LinkAddresses('a:a-secret-of-16-characters', 'https://example.com/payments/');
    expect(behindPath.urlOf(link)).toMatch(/^https:\/\/example\.com\/payments\/pay\/[\w-]{86}$/);
  });

  it('is nobody else’s: a changed character anywhere makes it nothing', () => {
    const token = addresses.tokenOf(link);
    const changed = [...token].map((character, at) => {
      return `${token.slice(0, at)}${character === 'A' ? 'Q' : 'A'}${token.slice(at + 1)}`;
    });
    expect(changed.filter((guess) => addresses.read(guess) !== null)).toEqual([]);
    expect(['', token.slice(1), `${token}A`, `${token}=`].map((guess) => addresses.read(guess))).toEqual([
      ...[null, null, null, null],
    ]);
  });

  it('stays good under a key that has been replaced, and ends with it', () => {
    const token = addresses.tokenOf(link);
    const rotated = new LinkAddresses('b:another-secret-of-16, a:a-secret-of-16-characters', 'https://pay.example');
    expect(rotated.keyId).toBe('b');
    expect(rotated.read(token)).toEqual(key);
    expect(rotated.tokenOf(link)).toBe(token);
    expect(rotated.tokenOf({ ...link, keyId: 'b' })).not.toBe(token);
    const without = new LinkAddresses('b:another-secret-of-16', 'https://pay.example');
    expect(without.read(token)).toBeNull();
    expect(() => without.tokenOf(link)).toThrow('does not have a');
  });

  it.each(['', 'secret', 'a:short', 'a:a-secret-of-16-characters,b'])('is not made with %j', (keys) => {
    expect(() => new LinkAddresses(keys, 'https://pay.example')).toThrow('id:secret');
  });
});
