import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Job } from './job.ts';
import type { WebhookReply } from './webhook.client.ts';

const tracer = trace.getTracer('@quittance/webhooks');

/** A span for the attempt, in the trace of the event, so that one trace leads from the request to the partner. */
export async function traced(job: Job, send: () => Promise<WebhookReply>): Promise<WebhookReply> {
  const parent = propagation.extract(ROOT_CONTEXT, job.traceparent === null ? {} : { traceparent: job.traceparent });
  const span = tracer.startSpan('webhook attempt', { kind: SpanKind.CLIENT }, parent);
  // Never in the context of whoever woke the dispatcher: that is another event's. Of an attempt that nobody records the
  // client's instrumentation need not know: it would cost as much as the request.
  if (!span.isRecording()) return context.with(suppressTracing(ROOT_CONTEXT), send);
  const reply = await context.with(trace.setSpan(parent, span), send);
  span.setAttributes({
    'quittance.delivery_id': job.id,
    'quittance.endpoint_id': job.endpointId,
    'quittance.attempt': job.attempt + 1,
    ...(reply.status === null ? {} : { 'http.response.status_code': reply.status }),
  });
  if (reply.error !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: reply.error });
  span.end();
  return reply;
}
