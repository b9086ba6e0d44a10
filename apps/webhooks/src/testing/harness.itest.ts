// What the integration tests of this service start: a database and a broker of their own, a receiver, and the service.
import { randomBytes } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { sampleOf } from '@quittance/events/catalogue';
import type { EventType } from '@quittance/events/catalogue';
import { encode, formatSequence, headersOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { streamFor } from '@quittance/events/topology';
import { readConfig } from '@quittance/service-kit/config/load-config';
import type { RunningService } from '@quittance/service-kit/bootstrap';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import type { TestDatabase } from '@quittance/testing/postgres';
import { serviceEnvironment, startTestService } from '@quittance/testing/service';
import { TokenIssuer } from '@quittance/testing/tokens';
import type { ReceivedRequest } from '@quittance/testing/webhook-receiver';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import type { StoredBody } from '../bodies/sealed-bodies.ts';
import { TenantKeyRepository } from '../bodies/tenant-key.repository.ts';
import { TenantKeys } from '../bodies/tenant-keys.ts';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { WebhooksConfig } from '../config.ts';
import { migrations } from '../migrations/all.ts';
import { webhooksModule } from '../webhooks.module.ts';

export const scopes = ['webhooks:read', 'webhooks:write'];
const secretsKey = `dev-${randomBytes(32).toString('base64')}`;

export interface Infrastructure {
  database: TestDatabase;
  nats: TestNats;
  issuer: TokenIssuer;
  /** Everything, past row-level security. */
  admin: pg.Pool;
  env(overrides?: Record<string, string>): Record<string, string>;
  api(baseUrl: string | undefined, tenantId: string, only?: readonly string[]): Promise<Api>;
  publish(events: readonly QuittanceEvent[]): Promise<void>;
  stop(): Promise<void>;
}

/** With a database of its own where a test gives one. */
export async function startInfrastructure(own?: Promise<TestDatabase>): Promise<Infrastructure> {
  const [database, nats, issuer] = await Promise.all([
    own ?? createTestDatabase('webhooks', migrations),
    startTestNats(),
    TokenIssuer.start(),
  ]);
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  // An idle connection ends with the server, in tests that end it.
  admin.on('error', () => undefined);
  return {
    ...{ database, nats, issuer, admin },
    env: (overrides = {}) => ({
      ...serviceEnvironment({ database, natsUrl: nats.urls.webhooks, jwksUrl: issuer.jwksUrl }),
      ...{ SECRETS_KEY: secretsKey, WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_CIDRS: '127.0.0.0/8,::1/128' },
      ...{ WEBHOOK_RETRY_SCHEDULE_MS: '0,50,50,50', WEBHOOK_TIMEOUT_MS: '1500', WEBHOOK_LEASE_MS: '3000' },
      ...overrides,
    }),
    api: async (baseUrl, tenantId, only = scopes) =>
      Api.withToken(baseUrl ?? '', await issuer.mint({ audience: 'webhooks', tenantId, scopes: only })),
    publish: (events) => publish(nats, events),
    async stop() {
      await admin.end();
      await nats.stop();
      await issuer.stop();
      await database.drop();
    },
  };
}

export function startWebhooks(env: Record<string, string>) {
  const config = readConfig(WebhooksConfig, env);
  return startTestService({ name: 'webhooks', module: webhooksModule(config), config });
}

/** What stands between tables and bodies, for repositories that a test makes by hand. */
export function sealedBodies(): SealedBodies {
  const box = new SecretBox(Buffer.from(secretsKey.replace('dev-', ''), 'base64'));
  return new SealedBodies(
    new TenantKeys(new TenantKeyRepository(), box, new EndpointDirectory(box, new WebhooksConfig()), new Clock()),
  );
}

/** A message's body as it was stored, opened by the service that keeps it. */
export async function storedBody({ app }: RunningService, tenantId: string, id: string): Promise<string> {
  const [body] = await app.get(Database).tx(async (tx) => {
    const rows = await tx.query<StoredBody>(
      `SELECT tenant_id AS "tenantId", id, body FROM messages WHERE tenant_id = $1 AND id = $2`,
      [tenantId, id],
    );
    return app.get(SealedBodies).openMessages(tx, rows);
  });
  return String(body);
}

/** As the producing service would say it: an aggregate of its own, so that order between them means nothing. */
export function eventOf(type: EventType, tenantId: string, over: Partial<QuittanceEvent> = {}): QuittanceEvent {
  const id = newId();
  return {
    ...{ specversion: '1.0', id, source: '/quittance/test', type, subject: newId(), time: new Date().toISOString() },
    ...{ datacontenttype: 'application/json', tenantid: tenantId, sequence: formatSequence(1), correlationid: id },
    data: sampleOf(type),
    ...over,
  };
}

async function publish(nats: TestNats, events: readonly QuittanceEvent[]): Promise<void> {
  const producers = { PAYMENTS: 'payments', BILLING: 'billing', RECONCILIATION: 'reconciliation' } as const;
  const producerOf = ({ type }: QuittanceEvent) => producers[streamFor(type) as keyof typeof producers];
  const connections = new Map<string, Awaited<ReturnType<TestNats['connect']>>>();
  for (const event of events) {
    const producer = producerOf(event);
    const connection = connections.get(producer) ?? (await nats.connect(producer));
    connections.set(producer, connection);
    const head = headers();
    for (const [name, value] of Object.entries(headersOf(event))) head.set(name, value);
    // A message id of its own, so that the broker stores the same event twice when a test publishes it twice.
    head.set('Nats-Msg-Id', newId());
    await jetstream(connection).publish(event.type, encode(event), { headers: head });
  }
  for (const connection of connections.values()) await connection.close();
}

/** Throws unless the request carries a valid signature by the public library; answers the parsed body. */
export function verified({ body, headers: sent }: ReceivedRequest, secret: string): Record<string, unknown> {
  return new Webhook(secret).verify(body, sent as Record<string, string>) as Record<string, unknown>;
}

export interface CreatedEndpoint {
  id: string;
  secret: string;
}

export async function createEndpoint(api: Api, url: string, body: object = {}): Promise<CreatedEndpoint> {
  const answer = await api.post<CreatedEndpoint>('/webhook-endpoints', { url, ...body });
  expect(answer.status).toBe(201);
  return answer.body;
}

/** The deliveries of an endpoint once there are so many in this state. */
export function deliveriesOf(api: Api, endpointId: string, state: string, count = 1) {
  return eventually(async () => {
    const path = `/webhook-deliveries?endpointId=${endpointId}&state=${state}`;
    const { body } = await api.get<{ items: Record<string, unknown>[] }>(path);
    expect(body.items).toHaveLength(count);
    return body.items;
  });
}

/** What this service itself said about an aggregate, oldest first. */
export async function saidAbout({ admin }: Infrastructure, subject: string): Promise<Record<string, any>[]> {
  const { rows } = await admin.query('SELECT body FROM event_log WHERE subject = $1 ORDER BY seq', [subject]);
  return rows.map(({ body }) => JSON.parse(body.toString()));
}
