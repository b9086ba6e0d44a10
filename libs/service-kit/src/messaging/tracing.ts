import { ROOT_CONTEXT, SpanKind, SpanStatusCode, propagation, trace } from '@opentelemetry/api';
import type { Link } from '@opentelemetry/api';
import type { Envelope } from '@quittance/events/envelope';

const tracer = trace.getTracer('@quittance/service-kit');

const remote = (traceparent: string | undefined) => propagation.extract(ROOT_CONTEXT, { traceparent });

/** One CONSUMER span a run: a child of its event when it is alone, else linked to each of its events. */
export async function tracedRun<T>(name: string, events: readonly Envelope[], run: () => Promise<T>): Promise<T> {
  const [first] = events;
  const parent = events.length === 1 ? remote(first?.traceparent) : ROOT_CONTEXT;
  const links =
    events.length === 1
      ? []
      : events.flatMap(({ traceparent }): Link[] => {
          const context = traceparent ? trace.getSpanContext(remote(traceparent)) : undefined;
          return context ? [{ context }] : [];
        });
  return tracer.startActiveSpan(name, { kind: SpanKind.CONSUMER, links }, parent, async (span) => {
    span.setAttribute('messaging.system', 'nats');
    span.setAttribute('messaging.batch.message_count', events.length);
    try {
      return await run();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
