// What the integration tests of this service start: a database, a broker and a sandbox of their own, and the service.
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import pg from 'pg';
import { catalogue, sampleOf } from '@quittance/events/catalogue';
import type { EventData, EventType } from '@quittance/events/catalogue';
import { encode, formatSequence, headersOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { readConfig } from '@quittance/service-kit/config/load-config';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import { serviceEnvironment, startTestService } from '@quittance/testing/service';
import { TokenIssuer } from '@quittance/testing/tokens';
import { PaymentsConfig } from '../config.ts';
import { migrations } from '../migrations/all.ts';
import { paymentsModule } from '../payments.module.ts';
import { Books } from '../sandbox/books.ts';
import type { BooksOptions } from '../sandbox/books.ts';
import { Deliveries } from '../sandbox/deliveries.ts';
import type { Target } from '../sandbox/deliveries.ts';
import { sandboxServer } from '../sandbox/server.ts';

export const sandboxSecret = 'whsec_c2FuZGJveCBub3RpZmljYXRpb25z';

export async function startSandbox(options: Omit<BooksOptions, 'file'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-sandbox-'));
  const charges = new Books({ ...options, file: join(folder, 'sandbox.sqlite') });
  const failures: unknown[] = [];
  const onError = (error: unknown) => failures.push(error);
  const server = sandboxServer(charges, { onError });
  let deliveries = new Deliveries(charges, null, onError);
  deliveries.start();
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    charges,
    failures,
    /** Nobody answers at its address, as when the provider is down. */
    goDown: close,
    comeBack: () => listen(port),
    /** From now on it tells what it has to say there. */
    async notify(target: Target) {
      await deliveries.stop();
      deliveries = new Deliveries(charges, target, onError);
      deliveries.start();
    },
    async stop() {
      await deliveries.stop();
      if (server.listening) await close();
      charges.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const scopes = ['payments:read', 'payments:write'];

export async function startPayments(env: Record<string, string> = {}, sandboxOptions: Omit<BooksOptions, 'file'> = {}) {
  const [database, nats, issuer, sandbox] = await Promise.all([
    createTestDatabase('payments', migrations),
    startTestNats(),
    TokenIssuer.start(),
    startSandbox(sandboxOptions),
  ]);
  const config = readConfig(PaymentsConfig, {
    ...serviceEnvironment({ database, natsUrl: nats.urls.payments, jwksUrl: issuer.jwksUrl }),
    PROVIDER_SANDBOX_URL: sandbox.url,
    PROVIDER_SANDBOX_SECRET: sandboxSecret,
    PROVIDER_BREAKER_RESET_MS: '50',
    PROVIDER_TIMEOUT_MS: '200',
    ATTEMPT_LEASE_MS: '300',
    UNKNOWN_RESOLVE_AFTER_MS: '20',
    ALLOW_TEST_CLOCK: 'true',
    ...env,
  });
  const service = await startTestService({ name: 'payments', module: paymentsModule(config), config });
  await sandbox.notify({ url: `${service.url}/provider-notifications/sandbox`, secret: sandboxSecret });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  const others = await publisherOf(nats);
  const sql = async <R extends object>(text: string, values: unknown[] = []) =>
    (await admin.query<R>(text, values)).rows;
  return {
    ...{ service, sandbox, nats, config, sql, issuer, database },
    publish: others.publish,
    api: async (tenantId: string, { granted = scopes, currency = 'USD', clientId = 'client' } = {}) => {
      const claims = { audience: 'payments', tenantId, scopes: granted, clientId, currency };
      return Api.withToken(service.url ?? '', await issuer.mint(claims));
    },
    /** Every event said about an aggregate, in order. */
    eventsOf: async (subject: string) => {
      const rows = await sql<{ body: Buffer }>('SELECT body FROM event_log WHERE subject = $1 ORDER BY seq', [subject]);
      return rows.map(({ body }) => JSON.parse(body.toString()) as QuittanceEvent<'payment.posted'>);
    },
    async stop() {
      await service.stop();
      await Promise.all([admin.end(), others.close()]);
      await Promise.all([database.drop(), nats.stop(), issuer.stop(), sandbox.stop()]);
    },
  };
}
export type Payments = Awaited<ReturnType<typeof startPayments>>;

/** Publishes each event as the service that produces it. */
async function publisherOf(nats: TestNats) {
  const [billing, reconciliation] = await Promise.all([nats.connect('billing'), nats.connect('reconciliation')]);
  return {
    close: () => Promise.all([billing.close(), reconciliation.close()]),
    publish: async (...events: QuittanceEvent[]) => {
      for (const event of events) {
        const js = jetstream(event.source === '/quittance/reconciliation' ? reconciliation : billing);
        const head = headers();
        for (const [name, value] of Object.entries(headersOf(event))) head.set(name, value);
        await js.publish(event.type, encode(event), { headers: head });
      }
    },
  };
}

export interface Said<T extends EventType> {
  type: T;
  tenantId: string;
  subject: string;
  sequence?: number;
  data?: Partial<EventData<T>>;
}

/** An event of billing or reconciliation, as its catalogue sample with what matters changed. */
export function billingEvent<T extends EventType>(said: Said<T>): QuittanceEvent {
  const { type, tenantId, subject, sequence = 1, data = {} } = said;
  const id = newId();
  const time = new Date().toISOString();
  return {
    ...{
      specversion: '1.0',
      id,
      source: `/quittance/${catalogue[type].producer}`,
      type,
      subject,
      time,
      tenantid: tenantId,
    },
    ...{ datacontenttype: 'application/json', sequence: formatSequence(sequence), correlationid: id },
    data: { ...sampleOf(type), ...data },
  };
}

export const usd = (minor: number) => ({
  amount: `${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, '0')}`,
  amountMinor: minor,
  currency: 'USD',
});
