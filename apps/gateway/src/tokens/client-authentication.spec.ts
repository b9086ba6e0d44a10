import { grantedScopes, OAuthError, presentedSecret, readForm } from './client-authentication.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const errorOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof OAuthError) return `${error.status} ${error.error}`;
    throw error;
  }
  return 'none';
};

describe('client authentication at the token endpoint', () => {
  const expected = { clientId: 'ci_dev_x', clientSecret: 'cs_dev_y-z' };

  it('takes the credentials from the form or from Basic', () => {
    expect(presentedSecret(readForm('client_id=ci_dev_x&client_secret=cs_dev_y-z'), undefined)).toEqual(expected);
    expect(presentedSecret(readForm(''), basic('ci_dev_x:cs_dev_y-z'))).toEqual(expected);
    expect(presentedSecret(readForm(''), basic('ci%5Fdev_x:cs_dev_y%2Dz'))).toEqual(expected);
  });

  it('accepts the client id beside Basic, as some libraries send it', () => {
    expect(presentedSecret(readForm('client_id=ci_dev_x'), basic('ci_dev_x:cs_dev_y-z'))).toEqual(expected);
  });

  it.each([
    ['nothing', '', undefined, '401 invalid_client'],
    ['an id alone', 'client_id=a', undefined, '401 invalid_client'],
    ['two ways at once', 'client_id=a&client_secret=b', basic('a:b'), '400 invalid_request'],
    ['Basic without a colon', '', basic('ab'), '401 invalid_client'],
    ['Basic that is not base64', '', 'Basic ???', '401 invalid_client'],
    ['Basic with a broken escape', '', basic('a%:b'), '401 invalid_client'],
    ['a bearer token', '', 'Bearer abc', '401 invalid_client'],
  ])('refuses %s', (_name, body, authorization, expectedError) => {
    expect(errorOf(() => presentedSecret(readForm(body), authorization))).toBe(expectedError);
  });

  it('refuses a parameter that is there twice', () => {
    expect(errorOf(() => readForm('grant_type=a&grant_type=b'))).toBe('400 invalid_request');
  });
});

describe('the scopes of a token', () => {
  const granted = ['payments:read', 'payments:write'];

  it('are all of the client, or the ones asked for', () => {
    expect(grantedScopes(undefined, granted)).toEqual(granted);
    expect(grantedScopes('payments:read', granted)).toEqual(['payments:read']);
  });

  it.each(['', 'billing:read', 'payments:read billing:read'])('are never more than the client has: %j', (asked) => {
    expect(errorOf(() => grantedScopes(asked, granted))).toBe('400 invalid_scope');
  });
});
