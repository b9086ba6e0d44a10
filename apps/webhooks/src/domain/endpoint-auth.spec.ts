import { authFields, authProblem, splitAuth } from './endpoint-auth.ts';
import type { Auth, AuthField, AuthType } from './endpoint-auth.ts';

const types = Object.keys(authFields) as AuthType[];
const fields = [...new Set(types.flatMap((type) => Object.keys(authFields[type]) as AuthField[]))];

describe('authProblem', () => {
  it.each(types.flatMap((type) => fields.map((field) => [type, field] as const)))('%s: %s', (type, field) => {
    const need = authFields[type][field];
    const given = need === undefined ? `does not belong to ${type}` : null;
    const missing = need === undefined || need === 'optional' ? null : `is required for ${type}`;
    expect(authProblem(type, field, 'x')).toBe(given);
    expect(authProblem(type, field, undefined)).toBe(missing);
    for (const wrong of ['', 7, null, {}]) expect(authProblem(type, field, wrong)).not.toBeNull();
  });
});

describe('splitAuth', () => {
  const full: Omit<Auth, 'type'> = {
    ...{ username: 'u', password: 'SECRET', token: 'SECRET', clientId: 'c', clientSecret: 'SECRET', scope: 's' },
    ...{ tokenUrl: 'https://a.example/', audience: 'a', clientAuthentication: 'body', ca: 'ca' },
    ...{ certificate: 'cert', privateKey: 'SECRET' },
  };

  // What is shown goes to every caller who may read the endpoint.
  it.each(types)('%s: what is shown has no secret, and both halves together are all of it', (type) => {
    const { shown, secret } = splitAuth({ ...full, type });
    expect(JSON.stringify(shown)).not.toContain('SECRET');
    expect(shown.hasSecret).toBe(type === 'none' ? undefined : true);
    const { hasSecret: _, ...rest } = { ...shown, ...secret };
    const own = Object.keys(authFields[type]).map((field) => [field, full[field as AuthField]]);
    expect(rest).toEqual({ type, ...Object.fromEntries(own) });
  });
});
