import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed, W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ConsoleSpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { BatchSpanProcessorOptions, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Environment } from '../config/load-config.ts';
import { MaskingSpanProcessor } from './masking-span-processor.ts';

/**
 * What of OpenTelemetry a service needs, put together by hand: the package that does it for everybody also loads gRPC,
 * protobuf, every exporter, logs and metrics, which is 40 MiB and a fifth of a second in every process.
 *
 * Trace context only, no baggage: what a client puts there must not travel to providers and partners.
 */
export async function startTracing(env: Environment): Promise<void> {
  const sampler = samplerFrom(env);
  const spanProcessors = [new MaskingSpanProcessor(), ...(await spanProcessorsFrom(env))];
  const resource = defaultResource().merge(detectResources({ detectors: [envDetector] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(new TracerProvider({ resource, sampler, spanProcessors }));
  instrument();
}

/**
 * Each patches its module when that is required: fastify and typeorm require() http and pg, fetch reports by a
 * channel.
 */
function instrument(): void {
  const isProbe = (url = '') => url.startsWith('/health') || url.startsWith('/metrics');
  new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => isProbe(url) });
  new UndiciInstrumentation({
    requireParentforSpans: true,
    ignoreRequestHook: () => isTracingSuppressed(context.active()),
  });
  new PgInstrumentation({ requireParentSpan: true });
}

/**
 * OTEL_TRACES_SAMPLER with OTEL_TRACES_SAMPLER_ARG; the specification's default is to record whatever is not refused.
 */
export function samplerFrom(env: Environment): Sampler {
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1);
  if (!(ratio >= 0 && ratio <= 1)) throw new Error('OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1');
  const roots: Record<string, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
  };
  const root = roots[name.replace(/^parentbased_/, '')];
  if (!root) throw new Error(`OTEL_TRACES_SAMPLER must be one of ${Object.keys(roots).join(', ')} or parentbased_ one`);
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root: root() }) : root();
}

/**
 * OTEL_TRACES_EXPORTER: `otlp` over HTTP with JSON, which every collector takes at its port 4318; `console`; `none`.
 */
export async function spanProcessorsFrom(env: Environment): Promise<SpanProcessor[]> {
  switch (env['OTEL_TRACES_EXPORTER'] || 'otlp') {
    case 'none':
      return [];
    case 'console':
      return [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })];
    case 'otlp': {
      if (env['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'grpc')
        throw new Error('OTEL_EXPORTER_OTLP_PROTOCOL must be http/json');
      // Reads the OTEL_EXPORTER_OTLP_… variables itself.
      const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
      return [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...batchingFrom(env) })];
    }
    default:
      throw new Error('OTEL_TRACES_EXPORTER must be otlp, console or none');
  }
}

const BATCHING: readonly [string, keyof BatchSpanProcessorOptions][] = [
  ['OTEL_BSP_SCHEDULE_DELAY', 'scheduledDelayMillis'],
  ['OTEL_BSP_EXPORT_TIMEOUT', 'exportTimeoutMillis'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'maxQueueSize'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 'maxExportBatchSize'],
];

function batchingFrom(env: Environment): Partial<BatchSpanProcessorOptions> {
  const given = BATCHING.filter(([name]) => env[name]).map(([name, option]) => [option, Number(env[name])]);
  return Object.fromEntries(given) as Partial<BatchSpanProcessorOptions>;
}
