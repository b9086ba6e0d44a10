import { isClientId, isClientSecret, newClientId, newClientSecret } from './credential.ts';

describe('client credentials', () => {
  it('makes ids and secrets in the documented form', () => {
    expect(newClientId('dev')).toMatch(/^ci_dev_[0-9A-Za-z]{22}$/);
    expect(newClientSecret('live')).toMatch(/^cs_live_[0-9A-Za-z_-]{43}[0-9A-Za-z]{6}$/);
  });

  it('accepts what it makes, and never makes one twice', () => {
    const secrets = Array.from({ length: 500 }, () => newClientSecret('dev'));
    expect(secrets.every(isClientSecret)).toBe(true);
    expect(new Set(secrets).size).toBe(500);
    expect(Array.from({ length: 500 }, () => newClientId('dev')).every(isClientId)).toBe(true);
  });

  it('finds every single wrong character of a secret', () => {
    const secret = newClientSecret('dev');
    for (let i = 0; i < secret.length; i++) {
      const wrong = secret.slice(0, i) + (secret[i] === 'x' ? 'y' : 'x') + secret.slice(i + 1);
      expect([i, isClientSecret(wrong)]).toEqual([i, false]);
    }
  });

  it('keeps its checksum: secrets handed out stay valid over releases', () => {
    expect(isClientSecret('cs_dev_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0Jmwyp')).toBe(true);
  });

  it.each(['', 'ci_dev_short', 'cs_dev_', 'ci_DEV_0123456789ABCDEFGHIJKL', 'ci_dev_0123456789ABCDEFGHIJK!'])(
    'refuses %j',
    (text) => {
      expect(isClientId(text)).toBe(false);
      expect(isClientSecret(text)).toBe(false);
    },
  );
});
