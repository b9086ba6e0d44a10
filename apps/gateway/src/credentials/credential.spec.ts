import {
  isApiKey,
  isApiSecret,
  isClientId,
  isClientSecret,
  isPartnerId,
  newApiKey,
  newApiSecret,
  newClientId,
  newClientSecret,
} from './credential.ts';

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

describe('partner credentials', () => {
  it('have the same form with other prefixes, so that neither passes for the other', () => {
    const [key, secret] = [newApiKey('dev'), newApiSecret('dev')];
    expect(key).toMatch(/^ak_dev_[0-9A-Za-z]{22}$/);
    expect(secret).toMatch(/^as_dev_[0-9A-Za-z_-]{43}[0-9A-Za-z]{6}$/);
    expect([isApiKey(key), isApiSecret(secret)]).toEqual([true, true]);
    expect([isClientId(key), isClientSecret(secret)]).toEqual([false, false]);
    expect([isApiKey(newClientId('dev')), isApiSecret(newClientSecret('dev'))]).toEqual([false, false]);
    expect(isApiSecret(`${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`)).toBe(false);
  });

  it.each([
    ['ACME', true],
    ['a_b-9', true],
    ['', false],
    ['a/b', false],
    ['a b', false],
    ['x'.repeat(65), false],
  ])('%j as a partner id: %s', (text, isOne) => expect(isPartnerId(text)).toBe(isOne));
});
