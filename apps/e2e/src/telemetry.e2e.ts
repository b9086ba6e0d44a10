import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { MsgHdrs } from '@nats-io/nats-core';
import { eventually } from '@quittance/testing/eventually';
import { WebhookReceiver } from '@quittance/testing/webhook-receiver';
import { issuedToken, bearer } from './outsiders.ts';
import { apiOf, asAdministrator, credentials, stack } from './stack.ts';

const { demo, second, collectorUrl } = stack;

interface Span {
  service: string;
  name: string;
  attributes: Record<string, unknown>;
}

const newTraceId = (): string => randomBytes(16).toString('hex');
/** Asks for a recorded trace. */
const sampled = (traceId: string) => ({ traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` });

describe('one trace', () => {
  const traceId = newTraceId();
  const headersSeen = new Map<string, MsgHdrs | undefined>();
  let receiver: WebhookReceiver;
  let close: () => Promise<void>;
  let endpoint: { id: string; secret: string };
  let payment: { locator: string };

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    const { host, username, password } = new URL(stack.info.natsUrl);
    const connection = await connect({ servers: host, user: username, pass: password, name: 'e2e-telemetry' });
    for (const subject of ['payment.>', 'suspense.>', 'unapplied.>', 'journal_entry.>']) {
      connection.subscribe(subject, {
        callback: (_error, message) => {
          const { data } = message.json<{ data: { locator?: string; paymentLocator?: string } }>();
          headersSeen.set(`${message.subject} ${data.locator ?? data.paymentLocator ?? ''}`, message.headers);
          if (message.headers?.get('traceparent').includes(traceId)) headersSeen.set(message.subject, message.headers);
        },
      });
    }
    await connection.flush();
    close = () => connection.close();
    const api = apiOf(second);
    ({ body: endpoint } = await api.post<typeof endpoint>('/webhook-endpoints', {
      url: receiver.url,
      eventTypes: ['payment.posted'],
    }));
    const body = { amount: '12.34', amountCurrency: 'EUR', method: 'cash', receivedDate: '2026-01-02' };
    ({ body: payment } = await api.post<typeof payment>('/payments', body, sampled(traceId)));
    await receiver.received(({ body: sent }) => sent.includes(payment.locator));
  });

  afterAll(async () => {
    await apiOf(second).send('DELETE', `/webhook-endpoints/${endpoint.id}`);
    await close();
    await receiver.stop();
  });

  const spans = async (): Promise<Span[]> => (await (await fetch(`${collectorUrl}/${traceId}`)).json()) as Span[];

  it('is in the header of the event, and of the events that follow from it', async () => {
    const posted = await eventually(() => headersSeen.get(`payment.posted ${payment.locator}`));
    expect(posted.get('traceparent')).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    const booked = await eventually(() => headersSeen.get('journal_entry.posted'));
    expect(booked.get('traceparent')).toContain(traceId);
  });

  it('leads from the request through gateway and payments to the webhook attempt', async () => {
    const attempt = await eventually(async () =>
      (await spans()).find(({ attributes }) => attributes['quittance.endpoint_id'] === endpoint.id),
    );
    expect(attempt).toMatchObject({ service: 'webhooks', name: 'webhook attempt' });
    expect(attempt.attributes).toMatchObject({ 'quittance.attempt': 1, 'http.response.status_code': 204 });
    const found = await eventually(async () => {
      const seen = new Set((await spans()).map(({ service }) => service));
      return seen.size >= 5 ? [...seen].toSorted() : null;
    });
    expect(found).toEqual(['billing', 'gateway', 'payments', 'reconciliation', 'webhooks']);
  });

  it('goes on to the partner', () => {
    const [request] = receiver.requests;
    expect(request?.headers['traceparent']).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
  });

  it('is not recorded where nobody asks for it', async () => {
    const [unasked, asked] = [newTraceId(), newTraceId()];
    const api = apiOf(second);
    await api.send('GET', '/payments', { headers: { traceparent: `00-${unasked}-${'1'.repeat(16)}-00` } });
    await api.send('GET', '/payments', { headers: sampled(asked) });
    const of = async (id: string) => (await (await fetch(`${collectorUrl}/${id}`)).json()) as Span[];
    await eventually(async () => (await of(asked)).length > 0);
    expect(await of(unasked)).toEqual([]);
  });
});

describe('the logs of the whole run', () => {
  /** Every text below a value. */
  const texts = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value ? Object.values(value).flatMap(texts) : [];

  const logs = () =>
    readdirSync(stack.logs).map((name) => ({ name, text: readFileSync(path.join(stack.logs, name), 'utf8') }));

  /** The logs that hold one of these. */
  const holding = (secrets: readonly string[]): string[] =>
    logs().flatMap(({ name, text }) => (secrets.some((secret) => text.includes(secret)) ? [name] : []));

  it('hold no secret of the stack: no password, key, pepper or client secret', () => {
    const { nats, roles, signingKey, credentialPepper, secretsKey, tenants } = JSON.parse(
      readFileSync(stack.secretsFile, 'utf8'),
    ) as Record<string, any>;
    const clientSecrets = tenants.map(({ clientSecret }: { clientSecret: string }) => clientSecret);
    const secrets = texts([nats, roles, signingKey.d, credentialPepper, secretsKey, clientSecrets]);
    const administrator = new URL(stack.info.databaseUrl).password;
    expect(secrets.length).toBeGreaterThan(20);
    expect(holding([...secrets, administrator])).toEqual([]);
  });

  it('hold nothing of what a request carried: credentials, tokens, bodies, also where it failed', async () => {
    const canary = `CANARY${randomBytes(12).toString('hex')}`;
    const api = apiOf(demo);
    const token = await issuedToken(demo);
    const { body: endpoint } = await api.post<{ id: string; secret: string }>('/webhook-endpoints', {
      url: 'http://127.0.0.1:9/hook',
      description: canary,
    });
    const wrong = { ...credentials(demo), 'x-client-secret': `${demo.clientSecret}${canary}` };
    const headers = { cookie: canary, 'x-api-key': canary, 'idempotency-key': canary };
    const answers = [
      await api.send('GET', '/payments', { headers: wrong }),
      await bearer(`${token}${canary}`).get('/payments'),
      await bearer(token).send('POST', '/payments', { body: { amount: canary, [canary]: 1 }, headers }),
      await api.send('POST', '/payments', { body: `{"token": "${canary}`, headers }),
      await api.send('POST', '/payments', { body: { amount: 1, token: canary, capture: true } }),
      await api.post('/payment-methods', { token: canary, policyholderLocator: canary }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 400, 400, 422, 422]);
    await api.send('DELETE', `/webhook-endpoints/${endpoint.id}`);
    const [, payload, signature] = token.split('.') as [string, string, string];
    expect(holding([canary, endpoint.secret, endpoint.secret.slice('whsec_'.length), payload, signature])).toEqual([]);
  });

  it('would be seen to hold one: each service logs there, and the gateway says whose request it refused', () => {
    const written = logs().filter(({ text }) => text.length > 0);
    expect(written.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['gateway.log', 'payments.log', 'billing.log', 'reconciliation.log', 'webhooks.log']),
    );
    expect(holding(['"service":"payments"'])).toContain('payments.log');
  });

  it('nor does the database hold an endpoint secret or a client secret as it is', async () => {
    const { body: endpoint } = await apiOf(demo).post<{ id: string; secret: string }>('/webhook-endpoints', {
      url: 'http://127.0.0.1:9/hook',
    });
    const rows = await asAdministrator(async (client) => {
      const secrets = await client.query<{ row: string }>('SELECT s::text AS row FROM webhooks.endpoint_secrets s');
      const clients = await client.query<{ row: string }>('SELECT s::text AS row FROM access.client_secrets s');
      return [...secrets.rows, ...clients.rows].map(({ row }) => row).join('\n');
    });
    await apiOf(demo).send('DELETE', `/webhook-endpoints/${endpoint.id}`);
    const key = Buffer.from(endpoint.secret.slice('whsec_'.length), 'base64');
    expect(rows.length).toBeGreaterThan(100);
    for (const secret of [endpoint.secret, key.toString('hex'), key.toString('base64'), demo.clientSecret]) {
      expect(rows).not.toContain(secret);
    }
  });
});
