import type { Route } from './routes.ts';
import { checkRoutes, isOpen, methodsByPath, routes } from './routes.ts';

const one: Route = { method: 'GET', path: '/payments/{locator}', service: 'payments', scope: 'payments:read' };

describe('the route table', () => {
  it('is accepted as it stands', () => {
    expect(() => checkRoutes(routes)).not.toThrow();
  });

  it('asks a write scope of every route that changes something', () => {
    const harmless = ['/schedules/preview', '/test-clocks/advance'];
    const writes = routes.filter(
      ({ method, path, scope }) => method !== 'GET' && !isOpen(scope) && !harmless.includes(path),
    );
    expect(writes.filter(({ scope }) => !/:(write|refund|erase)$/.test(scope))).toEqual([]);
  });

  it('opens these to everybody, and nothing else', () => {
    const open = routes.filter(({ scope }) => isOpen(scope)).map(({ scope, method, path }) => [scope, method, path]);
    expect(open).toEqual([
      ['open', 'GET', '/pay/{token}'],
      ['open', 'GET', '/pay/{token}/receipt'],
      ['open', 'POST', '/pay/{token}'],
      ['signed', 'POST', '/provider-notifications/{provider}'],
      ['open', 'GET', '/file-downloads/{token}'],
      ['open', 'GET', '/.well-known/webhooks-jwks.json'],
    ]);
  });

  it.each([
    ['/x/partners/{partner_id}/quotes', 'open'],
    ['/x/quotes', 'billing:write'],
    ['/x/partners/{id}/quotes', 'billing:write'],
  ] as const)('refuses %s for partners as %s', (path, scope) => {
    const partners: Route = { method: 'POST', path, service: 'billing', scope };
    expect(() => checkRoutes([partners])).toThrow("a partner's");
  });

  it.each(['authorization', 'cookie', 'x-client-secret', 'x-api-key'])(
    'refuses a route that would hand on %s',
    (header) => {
      expect(() => checkRoutes([{ ...one, forwards: [header] }])).toThrow('forwards a credential');
    },
  );

  it('refuses a route without a scope: it would be open to everybody', () => {
    const { scope, ...open } = one;
    expect(scope).toBeDefined();
    expect(() => checkRoutes([open as Route])).toThrow('has no scope');
    expect(() => checkRoutes([{ ...one, scope: 'payments:everything' as Route['scope'] }])).toThrow('has no scope');
  });

  it('refuses a duplicate, also when its parameter has another name', () => {
    expect(() => checkRoutes([one, { ...one, path: '/payments/{id}', scope: 'payments:write' }])).toThrow('twice');
  });

  it('names every fault at once', () => {
    const faults = [
      { ...one, service: 'nowhere' as Route['service'] },
      { ...one, method: 'POST' as const, path: 'x' },
    ];
    expect(() => checkRoutes(faults)).toThrow(/unknown one[\s\S]*not a path/);
  });

  it('knows the methods of a path', () => {
    expect(methodsByPath(routes).get('/webhook-endpoints/{id}')).toEqual(['GET', 'PATCH', 'DELETE']);
  });
});
