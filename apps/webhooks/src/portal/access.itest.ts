// F33: who sees what, asked of every operation that the running service describes: a new one cannot be forgotten.
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import type { TokenClaims } from '@quittance/testing/tokens';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { createEndpoint, deliveriesOf, scopes, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

interface Operation {
  name: string;
  method: string;
  path: string;
}

/** One of everything that hangs on one endpoint, by the name of its collection. */
interface Holdings {
  'webhook-endpoints': string;
  'webhook-deliveries': string;
  'webhook-messages': string;
  'webhook-poll': string;
  'webhook-replays': string;
}

let infrastructure: Infrastructure;
let service: RunningService;
let receiver: WebhookReceiver;
let operations: Operation[];
let tenantId: string;
let owner: Api;
let mine: Holdings;
let theirs: Holdings;

/** What a body has to be so that it is the id that is looked at: a new operation that asks for one needs a line. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /webhook-endpoints/{id}': { description: 'taken over' },
  'POST /webhook-endpoints/{id}/verify': { method: 'ping' },
  'POST /webhook-endpoints': { url: 'https://partner.example/hooks' },
  'POST /webhook-messages': { type: 'custom.taken.over', data: {} },
  'POST /webhook-poll': { name: 'taken over' },
  'POST /webhook-endpoints/{id}/recover': { since: new Date().toISOString() },
};
/** What is the same for everybody. */
const ofNobody = /\/event-types\//;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env());
  receiver = await WebhookReceiver.start();
  const { paths } = (await (await fetch(`${service.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((key) => ({ name: `${key.toUpperCase()} ${path}`, method: key.toUpperCase(), path })),
  );
});
afterAll(async () => {
  await receiver.stop();
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  tenantId = newId();
  owner = await infrastructure.api(service.url, tenantId);
  theirs = await acquire('custom.their.own');
  mine = await acquire('custom.my.own');
});

async function acquire(type: string): Promise<Holdings> {
  const { id } = await createEndpoint(owner, receiver.url, { description: `for ${type}` });
  const consumer = await owner.post<any>('/webhook-poll', { name: type });
  const message = await owner.post<any>('/webhook-messages', { type, data: {} });
  const deliveries = await deliveriesOf(owner, id, 'delivered');
  const from = new Date().toISOString();
  const replay = await owner.post<any>('/webhook-replays', { endpointId: id, from });
  return {
    'webhook-endpoints': id,
    'webhook-deliveries': String(deliveries[0]!['id']),
    'webhook-messages': message.body.id,
    'webhook-poll': consumer.body.id,
    'webhook-replays': replay.body.id,
  };
}

const tokenOf = async (claims: Partial<TokenClaims>) =>
  Api.withToken(service.url!, await infrastructure.issuer.mint({ audience: 'webhooks', tenantId, scopes, ...claims }));

const withId = () => operations.filter(({ path }) => path.includes('{') && !ofNobody.test(path));

function idIn(holdings: Holdings, { path }: Operation): string {
  const id = holdings[/([\w-]+)\/\{/.exec(path)?.[1] as keyof Holdings];
  if (!id) throw new Error(`this test acquires nothing for ${path}`);
  return id;
}

async function answerTo(api: Api, operation: Operation, id = 'none') {
  const body = bodies[operation.name];
  const path = operation.path.replace(/\{\w+\}/, id).replace(/\{\w+\}/, newId());
  const answer = await api.send<Record<string, unknown>>(operation.method, path, { body });
  // All but what is another each time.
  const { instance: _, ...rest } = answer.body;
  return { status: answer.status, said: JSON.stringify(rest).replaceAll(id, '<id>') };
}

/** Everything that an operation says of these things, told in its name. */
const tellsOf = (holdings: Holdings, text: string) => Object.values(holdings).some((id) => text.includes(id));

async function shownOf(api: Api, holdings: Holdings): Promise<string[]> {
  const lists = operations.filter(({ method, path }) => method === 'GET' && !path.includes('{'));
  const said = await Promise.all(lists.map(async (list) => ({ list, ...(await answerTo(api, list)) })));
  return said.filter(({ said: text }) => tellsOf(holdings, text)).map(({ list }) => list.name);
}

/** The operations that answer this id in another way than one that does not exist, or with a success. */
async function doorsOpenTo(api: Api, holdings: Holdings, refusals: readonly number[]): Promise<string[]> {
  const open: string[] = [];
  for (const operation of withId()) {
    const foreign = await answerTo(api, operation, idIn(holdings, operation));
    const unknown = await answerTo(api, operation, newId());
    const same = foreign.status === unknown.status && foreign.said === unknown.said;
    if (!same || !refusals.includes(foreign.status)) open.push(`${operation.name}: ${foreign.status} ${foreign.said}`);
  }
  return open;
}

async function isAsItWas(): Promise<void> {
  const { body: endpoint } = await owner.get<any>(`/webhook-endpoints/${theirs['webhook-endpoints']}`);
  expect(endpoint).toMatchObject({ state: 'active', description: 'for custom.their.own' });
  const { body: delivery } = await owner.get<any>(`/webhook-deliveries/${theirs['webhook-deliveries']}`);
  expect(delivery).toMatchObject({ state: 'delivered', attemptCount: 1 });
  const { body: consumers } = await owner.get<any>('/webhook-poll');
  expect(consumers.items.map(({ id }: any) => id)).toContain(theirs['webhook-poll']);
}

describe("F33 another tenant's ids", () => {
  it('are answered everywhere as ids that do not exist, and are in no list', async () => {
    expect(withId().length).toBeGreaterThan(9);
    const stranger = await tokenOf({ tenantId: newId() });
    expect(await doorsOpenTo(stranger, theirs, [404])).toEqual([]);
    expect(await shownOf(stranger, theirs)).toEqual([]);
    const lists = ['endpoints', 'deliveries', 'messages', 'poll'].map((name) => `GET /webhook-${name}`);
    expect(await shownOf(owner, theirs)).toEqual(expect.arrayContaining(lists));
    await isAsItWas();
  });

  it('nor are they for a portal of that tenant', async () => {
    const portal = await tokenOf({ tenantId: newId(), portal: { endpoints: null } });
    expect(await doorsOpenTo(portal, theirs, [403, 404])).toEqual([]);
    expect(await shownOf(portal, theirs)).toEqual([]);
    await isAsItWas();
  });

  it('naming them in its token opens nothing to a portal', async () => {
    const portal = await tokenOf({ tenantId: newId(), portal: { endpoints: [theirs['webhook-endpoints']] } });
    expect(await doorsOpenTo(portal, theirs, [403, 404])).toEqual([]);
    expect(await shownOf(portal, theirs)).toEqual([]);
    await isAsItWas();
  });
});

describe('a portal with an endpoint of its own', () => {
  it('gets nowhere with the others of its tenant, and sees them in no list', async () => {
    const portal = await tokenOf({ portal: { endpoints: [mine['webhook-endpoints']] } });
    expect(await doorsOpenTo(portal, theirs, [403, 404])).toEqual([]);
    expect(await shownOf(portal, theirs)).toEqual([]);
    expect(await shownOf(portal, mine)).toEqual(['GET /webhook-endpoints', 'GET /webhook-deliveries']);
    await isAsItWas();
  });

  it('sees to its own: changes it, and sends again', async () => {
    const portal = await tokenOf({ portal: { endpoints: [mine['webhook-endpoints']] } });
    const path = `/webhook-endpoints/${mine['webhook-endpoints']}`;
    expect((await portal.get<any>(`${path}/stats`)).body).toMatchObject({ backlog: 0 });
    const change = { body: { description: 'ours' } };
    expect((await portal.send<any>('PATCH', path, change)).body).toMatchObject({ description: 'ours' });
    expect((await portal.post(`/webhook-deliveries/${mine['webhook-deliveries']}/retry`)).status).toBe(202);
    expect((await portal.get('/event-types')).status).toBe(200);
    const filtered = `/webhook-deliveries?endpointId=${theirs['webhook-endpoints']}`;
    expect((await portal.get<any>(filtered)).body.items).toEqual([]);
  });

  it('may not do what is of the whole tenant: 403, and nothing is stored', async () => {
    const portal = await tokenOf({ portal: { endpoints: [mine['webhook-endpoints']] } });
    const closed = operations.filter(({ method, path }) => method === 'POST' && !path.includes('{'));
    expect(closed.length).toBeGreaterThanOrEqual(3);
    for (const operation of closed) {
      const { status } = await answerTo(portal, operation);
      expect([operation.name, status]).toEqual([operation.name, 403]);
    }
    expect((await owner.get<any>('/webhook-poll')).body.items).toHaveLength(2);
    expect((await owner.get<any>('/webhook-endpoints')).body.items).toHaveLength(2);
    expect((await owner.get<any>('/webhook-messages')).body.items).toHaveLength(2);
  });

  it('that only reads changes nothing, not even its own', async () => {
    const portal = await tokenOf({ scopes: ['webhooks:read'], portal: { endpoints: [mine['webhook-endpoints']] } });
    for (const operation of withId().filter(({ method }) => method !== 'GET')) {
      const { status } = await answerTo(portal, operation, idIn(mine, operation));
      expect([operation.name, status]).toEqual([operation.name, 403]);
    }
    expect((await portal.get(`/webhook-endpoints/${mine['webhook-endpoints']}`)).status).toBe(200);
  });
});

describe('a portal for all endpoints of its tenant', () => {
  it('makes endpoints and sees messages, and neither publishes nor pulls', async () => {
    const portal = await tokenOf({ portal: { endpoints: null } });
    expect((await portal.post('/webhook-endpoints', bodies['POST /webhook-endpoints'])).status).toBe(201);
    expect((await portal.get(`/webhook-messages/${mine['webhook-messages']}/deliveries`)).status).toBe(200);
    expect((await portal.post('/webhook-messages', bodies['POST /webhook-messages'])).status).toBe(403);
    expect((await portal.get('/webhook-poll')).status).toBe(403);
    expect((await portal.get(`/webhook-poll/${mine['webhook-poll']}`)).status).toBe(403);
  });
});

it('a claim that says nothing readable is no token', async () => {
  for (const portal of [{}, { endpoints: 'all' }, { endpoints: [7] }, 'all'] as never[]) {
    expect((await (await tokenOf({ portal })).get('/webhook-endpoints')).status).toBe(401);
  }
});
