import type { Route } from '../routes.ts';
import type { OpenApiDocument, Operation } from './openapi-document.ts';
import { mergeOpenApi, undocumentedRoutes } from './merge-openapi.ts';

const routes: Route[] = [
  { method: 'GET', path: '/payments/{locator}', service: 'payments', scope: 'payments:read' },
  { method: 'POST', path: '/payments', service: 'payments', scope: 'payments:write' },
  { method: 'GET', path: '/invoices/{locator}', service: 'billing', scope: 'billing:read' },
];

const answers = (schema: string): Operation => ({
  responses: { 200: { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } } },
});

function document(paths: OpenApiDocument['paths'], schemas: Record<string, unknown>): OpenApiDocument {
  return { openapi: '3.1.0', info: { title: 'x', version: '1' }, paths, components: { schemas } };
}

const amount = { type: 'object', properties: { amount: { type: 'string' } } };
const payments = document(
  {
    '/payments': { post: answers('ItemDto') },
    '/payments/{id}': { get: answers('ItemDto') },
    '/internal/repair': { post: answers('SecretDto') },
  },
  { ItemDto: { properties: { total: { $ref: '#/components/schemas/AmountDto' } } }, AmountDto: amount, SecretDto: {} },
);
const billing = document(
  { '/invoices/{locator}': { get: answers('ItemDto') } },
  { ItemDto: { type: 'object', properties: { sum: { $ref: '#/components/schemas/AmountDto' } } }, AmountDto: amount },
);

describe('mergeOpenApi', () => {
  const merged = mergeOpenApi({ payments, billing }, routes);
  const schemaOf = (operation: Operation | undefined) => JSON.stringify(operation?.responses);

  it('has the operations of the table and the gateway, and no other', () => {
    expect(Object.keys(merged.paths).sort()).toEqual([
      '/.well-known/jwks.json',
      '/invoices/{locator}',
      '/oauth/token',
      '/payments',
      '/payments/{id}',
      '/webhook-portal/token',
    ]);
  });

  it("keeps the service's name of a path parameter, under which it is declared", () => {
    expect(merged.paths['/payments/{id}']?.['get']).toBeDefined();
  });

  it('tells two schemas of one name apart, and shares one that is the same', () => {
    expect(Object.keys(merged.components?.['schemas'] ?? {}).sort()).toEqual([
      'AmountDto',
      'BillingItemDto',
      'ItemDto',
    ]);
    expect(schemaOf(merged.paths['/invoices/{locator}']?.['get'])).toContain('/BillingItemDto');
    expect(schemaOf(merged.paths['/payments']?.['post'])).toContain('/ItemDto');
  });

  it('leaves out schemas that only internal operations use', () => {
    expect(JSON.stringify(merged)).not.toContain('SecretDto');
  });

  it("asks both kinds of credentials of every route, with the route's scope", () => {
    expect(merged.paths['/payments']?.['post']?.security).toEqual([
      { clientId: [], clientSecret: [] },
      { oauth2: ['payments:write'] },
    ]);
    const schemes = merged.components?.['securitySchemes'] ?? {};
    expect(Object.keys(schemes)).toEqual(['clientId', 'clientSecret', 'signature', 'oauth2']);
  });

  it('asks a signature of the paths of partners, and nothing else', () => {
    const path = '/x/partners/{partner_id}/quotes';
    const documents = { billing: document({ [path]: { post: answers('ItemDto') } }, { ItemDto: amount }) };
    const route: Route = { method: 'POST', path, service: 'billing', scope: 'billing:write' };
    const { paths } = mergeOpenApi(documents, [route]);
    expect(paths[path]?.['post']?.security).toEqual([{ signature: ['billing:write'] }]);
  });

  it('does not change what it is given, so that merging again gives the same', () => {
    expect(mergeOpenApi({ payments, billing }, routes)).toEqual(merged);
    expect(payments.paths['/payments']?.['post']?.security).toBeUndefined();
  });

  it('names the routes that no service documents', () => {
    expect(undocumentedRoutes({ payments }, routes)).toEqual(['GET /invoices/{locator} (billing)']);
    expect(undocumentedRoutes({ payments, billing }, routes)).toEqual([]);
  });
});
