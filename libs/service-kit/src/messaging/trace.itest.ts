import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { sampleOf } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { eventually } from '@quittance/testing/eventually';
import { startTestNats } from '@quittance/testing/nats';
import type { TestNats } from '@quittance/testing/nats';
import { storedMessages } from '@quittance/testing/stored-messages';
import { createToyDatabase } from '@quittance/testing/toy-database';
import type { ToyDatabase } from '@quittance/testing/toy-database';
import type { Database } from '../database/database.ts';
import { createKitTables } from '../database/kit-tables.ts';
import type { Tx } from '../database/tx.ts';
import { newId } from '../id.ts';
import { NatsLink } from './nats-link.ts';
import { Outbox } from './outbox.ts';
import { Relay } from './relay.ts';
import { JetStreamStrategy } from './strategy.ts';

const exporter = new InMemorySpanExporter();
const tenantId = newId();
let nats: TestNats;
let payments: ToyDatabase;
let billing: ToyDatabase;
let publisher: Database;
let consumer: Database;
let outbox: Outbox;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});

beforeEach(async () => {
  exporter.reset();
  [nats, payments, billing] = await Promise.all([
    startTestNats(),
    createToyDatabase('traced', createKitTables('traced')),
    createToyDatabase('tracer', createKitTables('tracer')),
  ]);
  [publisher, consumer] = await Promise.all([payments.open(), billing.open()]);
  const link = new NatsLink({ service: 'payments', url: nats.urls.payments });
  const relay = new Relay('payments', 'PAYMENTS', publisher, link);
  relay.start();
  outbox = new Outbox('payments', () => relay.kick());
  stops.push(() => relay.stop().then(() => link.drain()));
});

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await Promise.all([nats.stop(), payments.drop(), billing.drop()]);
});

/** As the HTTP instrumentation does: the work runs in the span of a request. Answers that span's ids. */
async function request(subject: string): Promise<{ traceId: string; spanId: string }> {
  return trace.getTracer('test').startActiveSpan('POST /payments', { kind: SpanKind.SERVER }, async (span) => {
    const data = sampleOf('payment.posted');
    const event = { type: 'payment.posted' as const, tenantId, subject, sequence: 1, data, time: new Date() };
    await publisher.tx((tx) => outbox.append(tx, [event]));
    span.end();
    return span.spanContext();
  });
}

type Handle = (events: QuittanceEvent<'payment.posted'>[], tx: Tx) => Promise<void>;

function startConsumer(handle: Handle = async () => undefined): void {
  const link = new NatsLink({ service: 'billing', url: nats.urls.billing });
  const options = { service: 'billing', instanceId: 'one', streams: ['PAYMENTS'], db: consumer, link };
  const strategy = new JetStreamStrategy(options);
  strategy.addHandler('payment.posted', handle as never, true, { group: Symbol('test'), afterDeadLetter: 'hold' });
  strategy.listen(() => undefined);
  stops.push(() => strategy.close().then(() => link.drain()));
}

const consumerSpan = (): Promise<ReadableSpan> =>
  eventually(() => exporter.getFinishedSpans().find(({ kind }) => kind === SpanKind.CONSUMER), { timeoutMs: 30_000 });

const stored = (messages: number) =>
  eventually(async () => (await storedMessages(nats, 'PAYMENTS')).length === messages, { timeoutMs: 30_000 });

it('an event carries the trace of the request in its header, not in its body', async () => {
  const { traceId, spanId } = await request('a');
  await stored(1);
  const [last] = await storedMessages(nats, 'PAYMENTS');
  expect(last!.header.get('traceparent')).toBe(`00-${traceId}-${spanId}-01`);
  expect(last!.json()).not.toHaveProperty('traceparent');
  const logged = await payments.sql('SELECT traceparent FROM event_log');
  expect(logged).toEqual([{ traceparent: `00-${traceId}-${spanId}-01` }]);
});

it('the consumer of one event works in a child of the request', async () => {
  startConsumer();
  const { traceId, spanId } = await request('a');
  const span = await consumerSpan();
  expect(span).toMatchObject({ name: 'process payment.posted', parentSpanContext: { traceId, spanId } });
  expect(span.spanContext().traceId).toBe(traceId);
});

it('the consumer of many events at once has a link to each request, and is nobody’s child', async () => {
  const requests = [await request('a'), await request('b'), await request('c')];
  await stored(3);
  startConsumer();
  const span = await consumerSpan();
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.links.map((link) => link.context)).toEqual(
    requests.map(({ traceId, spanId }) => expect.objectContaining({ traceId, spanId }) as object),
  );
  expect(span.attributes).toMatchObject({ 'messaging.batch.message_count': 3 });
});

it('an event with a cause goes on with the trace of that cause, even out of a batch of several', async () => {
  const requests = [await request('a'), await request('b')];
  await stored(2);
  const own = new Outbox('billing', () => undefined);
  startConsumer(async (events, tx) => {
    const answers = events.map((cause) => ({
      ...{ type: 'invoice.paid' as const, tenantId, subject: cause.subject, sequence: 1, time: new Date() },
      ...{ data: sampleOf('invoice.paid'), cause },
    }));
    await own.append(tx, answers);
  });
  await consumerSpan();
  const logged = await eventually(async () => {
    const sql = 'SELECT traceparent, body FROM event_log ORDER BY subject';
    const rows = await billing.sql<{ traceparent: string; body: Buffer }>(sql);
    return rows.length === 2 ? rows : undefined;
  });
  expect(logged.map(({ traceparent }) => traceparent.split('-')[1])).toEqual(requests.map(({ traceId }) => traceId));
  const event = JSON.parse(logged[0]!.body.toString()) as QuittanceEvent;
  expect(event.causationid).toBe(event.correlationid);
});

it('an event that a consumer appends without a cause is a child of the consumer’s own span', async () => {
  const own = new Outbox('billing', () => undefined);
  const data = sampleOf('invoice.paid');
  startConsumer((_events, tx) =>
    own.append(tx, [{ type: 'invoice.paid', tenantId, subject: 'i', sequence: 1, time: new Date(), data }]),
  );
  const { traceId } = await request('a');
  const span = await consumerSpan();
  const rows = await eventually(async () => {
    const found = await billing.sql<{ traceparent: string }>('SELECT traceparent FROM event_log');
    return found.length > 0 ? found : undefined;
  });
  expect(rows).toEqual([{ traceparent: `00-${traceId}-${span.spanContext().spanId}-01` }]);
});

it('a handler that fails leaves a failed span, and the trial after it one that is well', async () => {
  let calls = 0;
  startConsumer(async () => {
    calls += 1;
    if (calls === 1) throw new Error('not yet');
  });
  const { traceId } = await request('a');
  await consumerSpan();
  const spans = await eventually(
    () => {
      const all = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CONSUMER);
      return all.length === 2 ? all : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(spans.map(({ status, parentSpanContext }) => [status.code, parentSpanContext?.traceId])).toEqual([
    [2, traceId],
    [0, traceId],
  ]);
});
