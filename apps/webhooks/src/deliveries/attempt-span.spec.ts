import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed, W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { traced } from './attempt-span.ts';
import { unanswered } from './webhook.client.ts';

const exporter = new InMemorySpanExporter();
const job = {
  ...{ tenantId: 't', id: 'd', endpointId: 'e', messageId: 'm', shard: 1, attempt: 2, sequence: 1 },
  ...{ createdAt: new Date(0), body: Buffer.from('{}'), type: 'payment.posted', isTest: false },
};
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
});
beforeEach(() => exporter.reset());

describe('the span of an attempt', () => {
  it('continues the trace of the event, whatever is going on around it', async () => {
    const around = trace.getTracer('test').startSpan('the consumer of another event', {}, ROOT_CONTEXT);
    const seen = await context.with(trace.setSpan(ROOT_CONTEXT, around), async () => {
      let inside: string | undefined;
      await traced({ ...job, traceparent }, async () => {
        inside = trace.getActiveSpan()?.spanContext().traceId;
        return { ...unanswered(''), error: null, status: 204 };
      });
      return inside;
    });
    expect(seen).toBe('0af7651916cd43dd8448eb211c80319c');
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({
      ...{ name: 'webhook attempt', kind: SpanKind.CLIENT },
      parentSpanContext: { spanId: 'b7ad6b7169203331' },
      attributes: { 'quittance.attempt': 3, 'http.response.status_code': 204 },
    });
  });

  it('no answer marks it as failed; without a trace it starts one', async () => {
    await traced({ ...job, traceparent: null }, async () => unanswered('timeout'));
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: 'timeout' } });
    expect(span?.parentSpanContext).toBeUndefined();
  });

  it('of a trace that nobody records there is none, and instrumentation below is told so', async () => {
    let suppressed = false;
    await traced({ ...job, traceparent: traceparent.replace(/01$/, '00') }, async () => {
      suppressed = isTracingSuppressed(context.active());
      return unanswered('timeout');
    });
    expect(suppressed).toBe(true);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
