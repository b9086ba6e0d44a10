import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { PartnerApi, STRICT } from '@quittance/testing/partner-api';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import {
  credentialsOf,
  gatewayEnv,
  newPartner,
  newTenant,
  seedTenants,
  startGateway,
  Upstream,
} from './gateway.fixture.ts';
import { migrations } from './migrations/all.ts';

const [known, unseen] = [newPartner(), newTenant()];
const sockets = new Set<Socket>();
let database: TestDatabase;
let upstream: Upstream;
let cable: Server;
let gateway: RunningService;

/** A connection to the database that a test can cut. */
beforeAll(async () => {
  [database, upstream] = await Promise.all([createTestDatabase('gateway', migrations), Upstream.start()]);
  await seedTenants(database.workerUrl, known, unseen);
  const appUrl = new URL(database.appUrl);
  const { hostname: host, port } = appUrl;
  cable = createServer((inside) => {
    const outside = connect({ host, port: Number(port) });
    for (const socket of [inside, outside]) sockets.add(socket.on('error', () => undefined));
    inside.pipe(outside).pipe(inside);
  });
  await new Promise<void>((resolve) => cable.listen(0, '127.0.0.1', resolve));
  appUrl.port = String((cable.address() as AddressInfo).port);
  gateway = await startGateway(gatewayEnv(appUrl.href, upstream.url));
});

afterAll(async () => {
  await gateway?.stop();
  await Promise.all([upstream?.stop(), database?.drop()]);
});

describe('while the database is away', () => {
  it('lets through whom it knows, and answers 503 to the others: never 401, which says "your fault"', async () => {
    const ask = (headers: Record<string, string>) => fetch(`${gateway.url}/payments`, { headers });
    const form = { grant_type: 'client_credentials', client_id: known.clientId, client_secret: known.clientSecret };
    const answer = await fetch(`${gateway.url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token } = (await answer.json()) as { access_token: string };

    const path = '/x/partners/ACME/bookings/one/instalments/';
    const partner = (headers: readonly string[]) => new PartnerApi(gateway.url!, known, { headers }).get(path);
    expect((await partner(STRICT)).status).toBe(200);

    cable.close();
    for (const socket of sockets) socket.destroy();

    expect((await ask(credentialsOf(known))).status).toBe(200);
    expect((await ask({ authorization: `Bearer ${access_token}` })).status).toBe(200);
    expect((await partner(['date'])).status).toBe(200);
    // Nobody can tell whether a signature is new.
    expect((await partner(STRICT)).status).toBe(503);
    const refused = await ask(credentialsOf(unseen));
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    const body = new URLSearchParams({ ...form, client_id: unseen.clientId, client_secret: unseen.clientSecret });
    const noToken = await fetch(`${gateway.url}/oauth/token`, { method: 'POST', body });
    expect([noToken.status, await noToken.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }]);
  });
});
