import { trace } from '@opentelemetry/api';

interface Flushable {
  getDelegate?(): Flushable;
  forceFlush?(): Promise<void>;
}

/** Spans wait in a batch: without this the last ones, those of the shutdown, are lost. */
export async function flushTelemetry(): Promise<void> {
  const provider = trace.getTracerProvider() as Flushable;
  await (provider.getDelegate?.() ?? provider).forceFlush?.();
}
