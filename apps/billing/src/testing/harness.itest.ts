// What the integration tests of this service start: a database and a broker of their own, the service, and clients that
// speak as payments, reconciliation and a policy system do.
import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import pg from 'pg';
import { sampleOf } from '@quittance/events/catalogue';
import type { EventData, EventType } from '@quittance/events/catalogue';
import { encode, formatSequence, headersOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { streamFor } from '@quittance/events/topology';
import { Database } from '@quittance/service-kit/database/database';
import { readConfig } from '@quittance/service-kit/config/load-config';
import { DeadLetterDesk } from '@quittance/service-kit/messaging/dead-letter-desk';
import { newId } from '@quittance/service-kit/id';
import { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { startTestNats } from '@quittance/testing/nats';
import { createTestDatabase } from '@quittance/testing/postgres';
import { serviceEnvironment, startTestService } from '@quittance/testing/service';
import { TokenIssuer } from '@quittance/testing/tokens';
import { billingModule } from '../billing.module.ts';
import { BillingConfig } from '../config.ts';
import { InvariantRepository } from '../invariants/invariant.repository.ts';
import { migrations } from '../migrations/all.ts';

export const scopes = ['billing:read', 'billing:write', 'admin:clock'];

export async function startBilling(env: Record<string, string> = {}) {
  const [database, nats, issuer] = await Promise.all([
    createTestDatabase('billing', migrations),
    startTestNats(),
    TokenIssuer.start(),
  ]);
  const config = readConfig(BillingConfig, {
    ...serviceEnvironment({ database, natsUrl: nats.urls.billing, jwksUrl: issuer.jwksUrl }),
    ALLOW_TEST_CLOCK: 'true',
    DUE_SWEEP_EVERY_MS: '50',
    ...env,
  });
  const service = await startTestService({ name: 'billing', module: billingModule(config), config });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  const users = ['payments', 'reconciliation', 'policy'] as const;
  const [payments, reconciliation, policy] = (await Promise.all(users.map((user) => nats.connect(user)))) as [
    NatsConnection,
    NatsConnection,
    NatsConnection,
  ];
  const connections = { PAYMENTS: payments, RECONCILIATION: reconciliation, POLICY: policy };
  const sql = async <R extends object>(text: string, values: unknown[] = []) =>
    (await admin.query<R>(text, values)).rows;
  const events = async (where: string, value: string): Promise<QuittanceEvent[]> => {
    const rows = await sql<{ body: Buffer }>(`SELECT body FROM event_log WHERE ${where} = $1 ORDER BY seq`, [value]);
    return rows.map(({ body }) => JSON.parse(body.toString()) as QuittanceEvent);
  };
  return {
    ...{ service, nats, config, sql, issuer, database, admin },
    api: async (tenantId: string, granted = scopes) => {
      const claims = { audience: 'billing', tenantId, scopes: granted, clientId: 'client' };
      return Api.withToken(service.url ?? '', await issuer.mint(claims));
    },
    /** A client that speaks for a partner, as the gateway tells us. */
    partnerApi: async (tenantId: string, partnerId: string, granted = scopes) => {
      const claims = { audience: 'billing', tenantId, partnerId, scopes: granted, clientId: `key of ${partnerId}` };
      return Api.withToken(service.url ?? '', await issuer.mint(claims));
    },
    /** As another service says it: the broker stores it every time, however often a test says the same. */
    publish: async (...said: QuittanceEvent[]) => {
      for (const event of said) {
        const head = headers();
        for (const [name, value] of Object.entries(headersOf(event))) head.set(name, value);
        head.set('Nats-Msg-Id', newId());
        const connection = connections[streamFor(event.type) as keyof typeof connections];
        await jetstream(connection).publish(event.type, encode(event), { headers: head });
      }
    },
    /** Everything said of a tenant, or of one aggregate, in the order in which it was said. */
    eventsOf: (tenantId: string) => events('tenant_id', tenantId),
    eventsAbout: (subject: string) => events('subject', subject),
    /** The one of its type about a subject, once it is said. */
    said: <T extends EventType>(type: T, subject: string, times = 1) =>
      eventually(async () => {
        const found = (await events('subject', subject)).filter((event) => event.type === type);
        return found.length >= times ? (found.at(-1) as QuittanceEvent<T>) : null;
      }),
    /** Once a payment was received here. */
    settled: (locator: string) =>
      eventually(async () => (await sql('SELECT FROM received_payments WHERE locator = $1', [locator])).length > 0),
    /** What is wrong with the books of every tenant, gaps in what was said included: nothing, always. */
    broken: async () => {
      const broken = await service.app.get(Database).tx((tx) => service.app.get(InvariantRepository).broken(tx));
      const gaps = await sql<{ subject: string }>(
        `SELECT subject FROM event_log GROUP BY tenant_id, subject, type LIKE 'test_clock%'
         HAVING count(*) <> max(sequence) OR count(DISTINCT sequence) <> count(*)`,
      );
      return [...broken, ...gaps];
    },
    /** Dead letters of this service, as an operator lists them. */
    deadLetters: async () => {
      const connection = await nats.connect('provisioner');
      const letters = await new DeadLetterDesk(connection, () => service.app.get(Database)).list();
      await connection.close();
      return letters;
    },
    async stop() {
      await service.stop();
      await Promise.all([admin.end(), ...Object.values(connections).map((connection) => connection.close())]);
      await Promise.all([database.drop(), nats.stop(), issuer.stop()]);
    },
  };
}
export type Billing = Awaited<ReturnType<typeof startBilling>>;

export interface Said<T extends EventType> {
  type: T;
  tenantId: string;
  subject?: string;
  sequence?: number;
  id?: string;
  data: EventData<T>;
}

/** An event of another service, of an aggregate of its own unless told which. */
export function eventOf<T extends EventType>(said: Said<T>): QuittanceEvent {
  const { type, tenantId, subject = newId(), sequence = 1, id = newId(), data } = said;
  const time = new Date().toISOString();
  return {
    ...{ specversion: '1.0', id, source: '/quittance/test', type, subject, time, tenantid: tenantId },
    ...{ datacontenttype: 'application/json', sequence: formatSequence(sequence), correlationid: id },
    data,
  };
}

export const usd = (minor: number, currency = 'USD') => ({
  amount: `${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, '0')}`,
  amountMinor: minor,
  currency,
});

/** A payment with nothing but what a test says of it. */
export function paymentData(
  minor: number,
  said: Partial<EventData<'payment.posted'>> = {},
): EventData<'payment.posted'> {
  const { locator: _locator, source: _source, ...sample } = sampleOf('payment.posted');
  const { policyLocator: _p, policyholderLocator: _h, invoiceLocator: _i, ...rest } = sample;
  return { ...rest, locator: newId(), amount: usd(minor), ...said };
}

const today = () => new Date().toISOString().slice(0, 10);
const yearAfter = (date: string) => `${Number(date.slice(0, 4)) + 1}${date.slice(4).replace('02-29', '02-28')}`;

/** The policy of the story: 280.00 premium and 28.00 tax in twelve instalments, from today. */
export function policyBody(said: Record<string, unknown> = {}): Record<string, unknown> {
  const effectiveDate = typeof said['effectiveDate'] === 'string' ? said['effectiveDate'] : today();
  return {
    policyNumber: `HO-${newId().slice(-12)}`,
    policyholderLocator: 'PH-1001',
    currency: 'USD',
    timeZone: 'UTC',
    effectiveDate,
    expirationDate: yearAfter(effectiveDate),
    plan: '1year-monthly',
    collection: 'automatic',
    paymentMethodId: 'pm-1',
    charges: [
      { category: 'premium', amount: '280.00' },
      { category: 'tax', code: 'IPT', amount: '28.00' },
    ],
    ...said,
  };
}

export interface PolicyAnswer {
  locator: string;
  scheduleId: string;
}

export interface ScheduleAnswer {
  state: string;
  total: string;
  paidThrough: string | null;
  instalments: {
    id: string;
    number: number;
    source: string;
    dueOn: string;
    generateOn: string;
    originalDueOn: string;
    periodEnd: string;
    amount: string;
    balance: string;
    state: string;
    pastDue: boolean;
    lines: { category: string; amount: string }[];
  }[];
}

/** A policy over HTTP, with its schedule as it is right after. */
export async function issue(api: Api, said: Record<string, unknown> = {}) {
  const { status, body: policy } = await api.post<PolicyAnswer>('/policies', policyBody(said));
  expect({ status, policy }).toMatchObject({ status: 201 });
  return { policy, schedule: await scheduleOf(api, policy.scheduleId) };
}

export async function scheduleOf(api: Api, id: string): Promise<ScheduleAnswer> {
  return (await api.get<ScheduleAnswer>(`/schedules/${id}`)).body;
}

const ADVANCED = `
  SELECT convert_from(body, 'UTF8')::jsonb #>> '{data,businessDate}' AS date FROM event_log
   WHERE subject = $1 AND type = 'test_clock.advanced' AND sequence > $2 ORDER BY sequence`;

/**
 * Stands in for payments and reconciliation of one tenant: answers every date that billing announces, after `work`,
 * which is what payments does on that date. Stop it before the test ends.
 */
export function answerTestClocks(billing: Billing, tenantId: string, work: () => Promise<void> = async () => {}) {
  let running = true;
  let answered = 0;
  const answer = (type: 'test_clock.reached' | 'test_clock.reconciled', businessDate: string) =>
    eventOf({ type, tenantId, subject: tenantId, sequence: answered, data: { businessDate } });
  const announced = () => billing.sql<{ date: string }>(ADVANCED, [tenantId, answered]);
  const loop = async () => {
    while (running) {
      const dates = await eventually(
        async () => {
          const found = await announced();
          return found.length > 0 || !running ? found : null;
        },
        { everyMs: 2, timeoutMs: 60_000 },
      );
      for (const { date } of dates) {
        answered += 1;
        await work();
        await billing.publish(answer('test_clock.reached', date), answer('test_clock.reconciled', date));
      }
    }
  };
  const done = loop();
  return {
    /** For what `work` counts. */
    failed: 0,
    async stop() {
      running = false;
      await done;
    },
  };
}
