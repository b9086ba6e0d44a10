import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { Api } from '@quittance/testing/api';
import { catalogueFaults, isolationFaults, readAsTenant } from './catalogue.ts';
import { acquire } from './holdings.ts';
import type { Holdings } from './holdings.ts';
import { operations } from './operations.ts';
import type { Operation } from './operations.ts';
import { accessToken, bearer, issuedToken } from './outsiders.ts';
import { apiOf, asAdministrator, stack } from './stack.ts';
import type { Tenant } from './stack.ts';

const all = await operations();
/** Those of partners: partners.e2e.ts. */
const guarded = all.filter(({ scope, isSigned }) => scope !== undefined && !isSigned);
const scopes = [...new Set(guarded.map(({ scope }) => scope!))];
const named = (list: readonly Operation[]) => list.map((operation) => [operation.name, operation] as const);
const somewhere = ({ path }: Operation): string => path.replace(/\{\w+\}/g, randomUUID());
const { demo, second, powerless, info } = stack;

/** What a body has to be so that it is the id that is looked at. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /payment-methods/{id}': { isDefault: true },
  'POST /payment-flags/{id}/resolve': { resolution: 'reviewed' },
  'PUT /policies/{locator}/payment-method': { paymentMethodId: 'taken over' },
  'PUT /policies/{locator}/plan': { plan: 'full-pay' },
  'PATCH /policies/{locator}': { producerId: 'PR-1' },
  'POST /policies/{locator}/transactions': { type: 'reinstatement', effectiveDate: '2026-01-01', lapse: false },
  'POST /delinquencies/{id}/decide': { outcome: 'closed' },
  'PATCH /payments/{locator}': { action: 'return' },
  'PATCH /webhook-endpoints/{id}': { description: 'taken over' },
  'POST /webhook-endpoints/{id}/verify': { method: 'ping' },
  'POST /webhook-endpoints/{id}/recover': { since: '2026-01-01T00:00:00Z' },
  'POST /suspense-items/{id}/apply': { policyLocator: 'taken over' },
  'PUT /api/v1/subscriptions/{id}/payment-method': { payment_method_id: randomUUID() },
  'POST /payments/{locator}/refunds': { reason: 'taken over' },
  'PATCH /exceptions/{id}': { note: 'taken over' },
  'POST /exceptions/{id}/resolve': { resolution: 'taken_over' },
  'POST /exceptions/{id}/reopen': { reason: 'taken over' },
  'POST /exceptions/{id}/write-off': { reason: 'taken over' },
  'POST /exceptions/{id}/write-off/reject': { reason: 'taken over' },
  'POST /suggestions/{id}/reject': { reason: 'taken over' },
  'POST /matches/{id}/unmatch': { reason: 'taken over' },
  'POST /remittances/{id}/post': { reason: 'taken over' },
  'POST /remittances/{id}/hold': { reason: 'taken over' },
  'POST /remittances/{id}/void': { reason: 'taken over' },
  'POST /journal-entries/{id}/reverse': {},
  'POST /deposits/{id}/identify': { party: 'taken over' },
  'POST /bank-statements/{id}/accept': { reason: 'taken over' },
};

let theirs: Holdings;

beforeAll(async () => {
  theirs = await acquire(second);
});

it('these operations need no credential, every other has a scope', () => {
  const open = all.filter(({ scope }) => scope === undefined).map(({ name }) => name);
  expect(open.toSorted()).toEqual([
    'GET /.well-known/jwks.json',
    'GET /.well-known/webhooks-jwks.json',
    'GET /file-downloads/{token}',
    'GET /pay/{token}',
    'GET /pay/{token}/receipt',
    'POST /oauth/token',
    'POST /pay/{token}',
    'POST /provider-notifications/{provider}',
  ]);
  expect(guarded.length).toBeGreaterThan(20);
});

describe.each(named(guarded))('%s', (_name, operation) => {
  const { method, scope } = operation;
  const answerTo = async (api: Api) => {
    const { status, body, headers } = await api.send<{ code: string }>(method, somewhere(operation));
    return [status, body.code, headers.get('content-type')?.split(';')[0]];
  };
  const unauthorized = [401, 'unauthorized', 'application/problem+json'];
  const forbidden = [403, 'forbidden', 'application/problem+json'];

  it('refuses who has no credential, a wrong secret or an expired token', async () => {
    const secret = { 'x-client-id': demo.clientId, 'x-client-secret': second.clientSecret };
    const expired = await accessToken(demo, { scopes, expiresInSeconds: -60 });
    expect(await answerTo(new Api(info.gatewayUrl))).toEqual(unauthorized);
    expect(await answerTo(new Api(info.gatewayUrl, secret))).toEqual(unauthorized);
    expect(await answerTo(bearer(expired))).toEqual(unauthorized);
  });

  it('refuses who lacks the scope, however many others there are', async () => {
    const others = await issuedToken(
      demo,
      scopes.filter((other) => other !== scope),
    );
    expect(await answerTo(apiOf(powerless))).toEqual(forbidden);
    expect(await answerTo(bearer(others))).toEqual(forbidden);
  });
});

it('a token that has not expired, made the same way, is taken', async () => {
  const token = await accessToken(demo, { scopes, expiresInSeconds: 60 });
  expect((await bearer(token).get('/payments')).status).toBe(200);
});

it.each(Object.entries(info.services))('%s takes no credential of the outside', async (name, url) => {
  const path = { payments: '/payments', billing: '/plans', reconciliation: '/trial-balance', webhooks: '/event-types' };
  const target = path[name as keyof typeof path];
  const credentials = { 'x-client-id': demo.clientId, 'x-client-secret': demo.clientSecret };
  expect((await new Api(url, credentials).get(target)).status).toBe(401);
  expect((await bearer(await issuedToken(demo), url).get(target)).status).toBe(401);
});

describe("another tenant's id", () => {
  // Types of events, accounts, months and sets have names that everybody uses: no tenant owns one.
  const everybodys = /^\/(event-types|accounts|periods|recon-sets)\//;
  const withPathId = guarded.filter(({ pathIds, path }) => pathIds.length > 0 && !everybodys.test(path));
  const withQueryId = guarded.filter(({ queryIds }) => queryIds.length > 0);

  const idFor = ({ path }: Operation): string => {
    const id = theirs[/([\w-]+)\/\{/.exec(path)?.[1] as keyof Holdings];
    if (!id) throw new Error(`holdings.ts makes nothing for ${path}`);
    return id;
  };
  const filters = ({ path }: Operation): Record<string, string> => ({
    policyholderLocator: theirs.policyholder,
    producerId: theirs.producer,
    policyLocator: theirs.policies,
    invoiceLocator: theirs.invoices,
    paymentLocator: theirs.payments,
    endpointId: theirs['webhook-endpoints'],
    ...(path === '/write-offs' && { invoiceLocator: theirs.writtenOff }),
    ...(path === '/suspense-items' && { paymentLocator: theirs.suspended }),
    ...(path === '/delinquencies' && { policyLocator: theirs.delinquent }),
    ...(path === '/disputes' && { paymentLocator: theirs.disputed }),
    ...(path === '/returns' && { paymentLocator: theirs.returned }),
    ...(path === '/payment-flags' && { paymentLocator: theirs.flagged }),
    subjectId: theirs.misread,
    accountId: theirs.bankAccount,
    statementLocator: theirs.tag,
    merchantId: theirs.tag,
    locationId: theirs.tag,
  });
  const itemsOf = (body: Record<string, unknown>) => Object.values(body).find(Array.isArray) as unknown[];
  const call = (api: Api, operation: Operation, id: string) =>
    api.send<Record<string, unknown>>(operation.method, operation.path.replace(/\{\w+\}/, id), {
      body: bodies[operation.name],
      // Some need one, and all take one.
      ...(operation.method === 'POST' ? { headers: { 'idempotency-key': randomUUID() } } : {}),
    });

  it.each(named(withPathId))('%s answers as to an id that does not exist', async (_name, operation) => {
    const [foreign, unknown] = [idFor(operation), randomUUID()];
    const [refused, missing] = [
      await call(apiOf(demo), operation, foreign),
      await call(apiOf(demo), operation, unknown),
    ];
    // all but the request's own id, which is another each time
    const anonymous = ({ instance: _, ...body }: Record<string, unknown>, id: string) =>
      JSON.stringify(body).replaceAll(id, '<id>');
    expect([refused.status, refused.body['code']]).toEqual([404, 'not_found']);
    expect(anonymous(refused.body, foreign)).toBe(anonymous(missing.body, unknown));
  });

  it.each(named(withQueryId))('%s finds nothing by it', async (_name, operation) => {
    for (const name of operation.queryIds) {
      const value = filters(operation)[name];
      if (!value) throw new Error(`nothing to filter by for ${name}`);
      const path = `${operation.path}?${name}=${encodeURIComponent(value)}`;
      const [owners, foreign] = [await apiOf(second).get(path), await apiOf(demo).get(path)];
      expect([name, itemsOf(owners.body).length > 0]).toEqual([name, true]);
      expect([name, foreign.status, itemsOf(foreign.body)]).toEqual([name, 200, []]);
    }
  });

  it('POST /payments knows a stored method of another tenant as little as one that does not exist', async () => {
    const charge = (paymentMethodId: string) =>
      apiOf(demo).post<Record<string, unknown>>('/payments', { amount: '1.00', paymentMethodId, capture: true });
    const [foreign, unknown] = [await charge(theirs['payment-methods']), await charge(randomUUID())];
    expect([foreign.status, foreign.body['code']]).toEqual([422, unknown.body['code']]);
    expect(foreign.body['errors']).toEqual(unknown.body['errors']);
  });

  describe('for the token of a portal', () => {
    const ofWebhooks = ({ scope, path }: Operation) =>
      scope?.startsWith('webhooks:') && path !== '/webhook-portal/token';
    const portalFor = async (tenant: Tenant, endpointIds: string[]) => {
      const { body } = await apiOf(tenant).post<{ token: string }>('/webhook-portal/token', { endpointIds });
      return bearer(body.token);
    };

    it.each(named(guarded.filter((operation) => !ofWebhooks(operation))))('%s is closed', async (_name, operation) => {
      const portal = await portalFor(second, [theirs['webhook-endpoints']]);
      const { status, body } = await portal.send<{ code: string }>(operation.method, somewhere(operation));
      expect([status, body.code]).toEqual([403, 'forbidden']);
    });

    it.each(named(withPathId.filter(ofWebhooks)))('%s is none of another tenant’s portal', async (_name, operation) => {
      const portal = await portalFor(demo, [theirs['webhook-endpoints']]);
      expect([403, 404]).toContain((await call(portal, operation, idFor(operation))).status);
    });

    it('its own endpoint is open', async () => {
      const portal = await portalFor(second, [theirs['webhook-endpoints']]);
      const { body } = await portal.get<{ items: { id: string }[] }>('/webhook-endpoints');
      expect(body.items.map(({ id }) => id)).toEqual([theirs['webhook-endpoints']]);
      expect((await portal.get(`/webhook-deliveries/${theirs['webhook-deliveries']}`)).status).toBe(200);
    });
  });

  it('left everything as it was', async () => {
    const api = apiOf(second);
    const of = async (name: keyof Holdings) => (await api.get<Record<string, any>>(`/${name}/${theirs[name]}`)).body;
    expect((await of('payments'))['state']).toBe('posted');
    expect((await of('policies'))['paymentMethodId']).toBe(theirs['payment-methods']);
    expect(await of('webhook-endpoints')).toMatchObject({ state: 'active', description: null });
    expect((await of('webhook-deliveries'))['attempts']).toHaveLength(1);
    expect(await of('webhook-poll')).toMatchObject({ items: expect.any(Array) });
  });
});

describe('the database', () => {
  /** In one transaction that is never committed: what `damage` does to the schema is gone afterwards. */
  const inspected = (damage?: string) =>
    asAdministrator(async (client: pg.Client) => {
      await client.query('BEGIN');
      if (damage) await client.query(damage);
      const readings = await readAsTenant(client, second.id);
      const faults = { catalogue: await catalogueFaults(client), isolation: isolationFaults(readings) };
      await client.query('ROLLBACK');
      return { ...faults, readings };
    });

  it('shows a tenant its own rows and nothing else, by its own rules alone', async () => {
    const { catalogue, isolation, readings } = await inspected();
    expect(catalogue).toEqual([]);
    expect(isolation).toEqual([]);
    const seen = readings.filter(({ own }) => own > 0).map(({ table }) => table);
    expect(seen).toEqual(
      expect.arrayContaining([
        'payments.payments',
        'billing.policies',
        'reconciliation.journal_lines',
        'webhooks.endpoints',
      ]),
    );
  });

  it('without one policy: the catalogue says so, and the tenant no longer sees its own', async () => {
    const { catalogue, readings } = await inspected('DROP POLICY policies_app ON billing.policies');
    expect(catalogue).toEqual(['billing.policies is a tenant table without the policy that asks for the tenant']);
    expect(readings.find(({ table }) => table === 'billing.policies')).toMatchObject({ own: 0, foreign: 0 });
  });

  it.each([
    ['row-level security off', 'ALTER TABLE payments.payments DISABLE ROW LEVEL SECURITY', 'without forced row-level'],
    [
      'a policy that asks for nothing',
      'ALTER POLICY payments_app ON payments.payments USING (true)',
      'without the policy that asks',
    ],
  ])('with %s: both the catalogue and the rows say so', async (_what, damage, said) => {
    const { catalogue, isolation } = await inspected(damage);
    expect(catalogue).toEqual([expect.stringContaining(`payments.payments is a tenant table ${said}`)]);
    expect(isolation).toEqual(['payments.payments']);
  });

  it.each([
    ['a view', 'CREATE VIEW billing.everything AS SELECT * FROM billing.policies', 'billing.everything is a view'],
    ['a role', 'ALTER ROLE billing_worker BYPASSRLS', 'billing_worker is a role that is above'],
    ['a grant', 'GRANT USAGE ON SCHEMA billing TO payments_app', 'payments_app billing reaches into'],
    [
      'a foreign key',
      `ALTER TABLE billing.policies ADD UNIQUE (locator);
       ALTER TABLE billing.schedules
         ADD CONSTRAINT loose FOREIGN KEY (policy_locator) REFERENCES billing.policies (locator)`,
      'billing.schedules loose is a foreign key',
    ],
    ['an owner', 'ALTER TABLE billing.policies OWNER TO billing_app', 'billing.policies is owned by'],
  ])('with %s that opens a door: the catalogue says so', async (_what, damage, said) => {
    expect((await inspected(damage)).catalogue).toEqual(expect.arrayContaining([expect.stringContaining(said)]));
  });
});
