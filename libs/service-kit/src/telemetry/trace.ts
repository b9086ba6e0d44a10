import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span, SpanKind } from '@opentelemetry/api';

const tracer = trace.getTracer('@quittance/service-kit');

/** The active trace as a W3C `traceparent`, to be stored with an event; absent when nothing is being traced. */
export function currentTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Runs `work` in a span below the trace that a message or a row carries. The span ends, and fails, with the work. */
export async function withRemoteParent<T>(
  traceparent: string | undefined,
  name: string,
  kind: SpanKind,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(ROOT_CONTEXT, traceparent === undefined ? {} : { traceparent });
  return tracer.startActiveSpan(name, { kind }, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
}
