import { SecretHasher } from './secret-hasher.ts';

const first = 'p1:a-pepper-that-is-long-enough-to-be-one';
const second = 'p2:another-pepper-that-is-long-enough-too';

describe('SecretHasher', () => {
  it('recognises the secret and nothing else', () => {
    const hasher = new SecretHasher(first);
    const stored = hasher.hash('the secret');
    expect(hasher.matches('the secret', stored)).toBe(true);
    expect(hasher.matches('the secreT', stored)).toBe(false);
    expect(hasher.matches('', stored)).toBe(false);
  });

  it('stores nothing from which the secret could be read', () => {
    const stored = new SecretHasher(first).hash('the secret');
    expect(stored.hmac).toHaveLength(32);
    expect(stored.hmac.toString('latin1')).not.toContain('secret');
  });

  it('verifies old hashes after a new pepper, and makes new ones with the first named', () => {
    const old = new SecretHasher(first).hash('the secret');
    const rotated = new SecretHasher(`${second},${first}`);
    expect(rotated.matches('the secret', old)).toBe(true);
    expect(rotated.hash('the secret').pepperKid).toBe('p2');
  });

  it('refuses a hash whose pepper is gone instead of failing', () => {
    const old = new SecretHasher(first).hash('the secret');
    expect(new SecretHasher(second).matches('the secret', old)).toBe(false);
  });

  it.each(['short', 'p1:short', `${first},${first}`, 'BAD KID:a-pepper-that-is-long-enough-to-be-one'])(
    'refuses the configuration %j',
    (peppers) => expect(() => new SecretHasher(peppers)).toThrow('CREDENTIAL_PEPPER'),
  );
});
