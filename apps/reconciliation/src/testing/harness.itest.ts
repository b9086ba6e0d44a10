// What the integration tests of this service start: a database and a broker of their own, and the service.
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import type { Provider } from '@nestjs/common';
import pg from 'pg';
import { catalogue, sampleOf } from '@quittance/events/catalogue';
import type { EventData, EventType } from '@quittance/events/catalogue';
import { encode, formatSequence, headersOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { sampleEvent } from '@quittance/events/samples';
import { readConfig } from '@quittance/service-kit/config/load-config';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import { serviceEnvironment, startTestService } from '@quittance/testing/service';
import { TokenIssuer } from '@quittance/testing/tokens';
import { ReconciliationConfig } from '../config.ts';
import { migrations } from '../migrations/all.ts';
import { reconciliationModule } from '../reconciliation.module.ts';

export interface Line {
  account: string;
  debit: string;
  credit: string;
  currency: string;
  policyLocator?: string;
  paymentLocator?: string;
  invoiceLocator?: string;
}
export interface Entry {
  id: string;
  seq: number;
  kind: string;
  effectiveDate: string;
  postedAt: string;
  source: { type: string; id: string };
  reverses?: string;
  lines: Line[];
}
/** The machine of a test may be busy with others. */
const patient = { timeoutMs: 20_000 };

export interface Page {
  items: Entry[];
  nextCursor: string | null;
}

/** @param instead providers that take the place of the module's own, for what the outside brings */
export async function startReconciliation(env: Record<string, string> = {}, instead: readonly Provider[] = []) {
  const [database, nats, issuer] = await Promise.all([
    createTestDatabase('reconciliation', migrations),
    startTestNats(),
    TokenIssuer.start(),
  ]);
  const config = readConfig(ReconciliationConfig, {
    ...serviceEnvironment({ database, natsUrl: nats.urls.reconciliation, jwksUrl: issuer.jwksUrl }),
    ALLOW_TEST_CLOCK: 'true',
    SECRETS_KEY: `dev-${Buffer.alloc(32, 7).toString('base64')}`,
    ...env,
  });
  const module = reconciliationModule(config);
  module.providers = [...(module.providers ?? []), ...instead];
  const service = await startTestService({ name: 'reconciliation', module, config });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  const publisher = await publisherOf(nats);
  const sql = async <R extends object>(text: string, values: unknown[] = []) =>
    (await admin.query<R>(text, values)).rows;
  const token = (tenantId: string, scopes: string[], clientId = 'client') =>
    issuer.mint({ audience: 'reconciliation', tenantId, scopes, clientId });
  const api = async (tenantId: string, scopes = ['recon:read'], clientId?: string) =>
    Api.withToken(service.url ?? '', await token(tenantId, scopes, clientId));
  const entries = async (tenantId: string) =>
    (await (await api(tenantId)).get<Page>('/journal-entries?limit=500')).body.items;
  return {
    ...{ service, database, nats, sql, api, token, entries, publish: publisher.publish },
    /** The tenant's entries, newest first, once there are that many. */
    booked: (tenantId: string, count: number) =>
      eventually(async () => {
        const found = await entries(tenantId);
        expect(found.map(({ kind }) => kind)).toHaveLength(count);
        return found;
      }, patient),
    /** Every event said about an aggregate, in order. */
    eventsOf: async (subject: string) => {
      const rows = await sql<{ body: Buffer }>('SELECT body FROM event_log WHERE subject = $1 ORDER BY seq', [subject]);
      return rows.map(({ body }) => JSON.parse(body.toString()) as QuittanceEvent);
    },
    async stop() {
      await service.stop();
      await Promise.all([admin.end(), publisher.close()]);
      await Promise.all([database.drop(), nats.stop(), issuer.stop()]);
    },
  };
}
export type Reconciliation = Awaited<ReturnType<typeof startReconciliation>>;

/** Publishes each event as the service that produces it. */
async function publisherOf(nats: TestNats) {
  const producers = ['payments', 'billing'] as const;
  const connections = await Promise.all(producers.map((producer) => nats.connect(producer)));
  return {
    close: () => Promise.all(connections.map((connection) => connection.close())),
    publish: async (...events: QuittanceEvent[]) => {
      for (const event of events) {
        const connection = connections[producers.indexOf(catalogue[event.type].producer as 'payments')];
        const head = headers();
        for (const [name, value] of Object.entries(headersOf(event))) head.set(name, value);
        await jetstream(connection!).publish(event.type, encode(event), { headers: head });
      }
    },
  };
}

export interface Said<T extends EventType> {
  tenantId: string;
  subject: string;
  sequence?: number;
  data?: Partial<EventData<T>>;
}

/** An event as its catalogue sample, of this tenant and aggregate, with what matters changed. */
export function said<T extends EventType>(type: T, { tenantId, subject, sequence = 1, data = {} }: Said<T>) {
  const id = newId();
  const sample = { ...sampleEvent(type), id, tenantid: tenantId, subject, sequence: formatSequence(sequence) };
  return { ...sample, correlationid: id, data: { ...sampleOf(type), ...data } } as QuittanceEvent;
}

export const usd = (minor: number) => ({
  amount: `${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, '0')}`,
  amountMinor: minor,
  currency: 'USD',
});

/** Debits and credits of an entry as `account debit credit`. */
export const inShort = ({ lines }: Pick<Entry, 'lines'>) =>
  lines.map(({ account, debit, credit }) => `${account} ${debit} ${credit}`);
