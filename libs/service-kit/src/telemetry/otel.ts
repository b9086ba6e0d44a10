import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

// Loaded before the service: `node --import @quittance/service-kit/telemetry/otel`. Everything is set by the standard
// variables: OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_TRACES_EXPORTER turns it on, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME.
// Without them nothing is patched: instrumentation halves what a core can serve, so nobody should pay for spans that
// go nowhere. No ESM loader hook is needed: fastify and typeorm require() http and pg, fetch reports by a channel.
const { env } = process;
const isOn = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'].some(
  (name) => env[name],
);

if (isOn) {
  // Logs go to standard output and metrics are scraped: only traces are pushed.
  env['OTEL_LOGS_EXPORTER'] ??= 'none';
  env['OTEL_METRICS_EXPORTER'] ??= 'none';
  const isProbe = (url = '') => url.startsWith('/health') || url.startsWith('/metrics');
  new NodeSDK({
    instrumentations: [
      new HttpInstrumentation({ ignoreIncomingRequestHook: ({ url }) => isProbe(url) }),
      new UndiciInstrumentation({ requireParentforSpans: true }),
      new PgInstrumentation({ requireParentSpan: true }),
    ],
  }).start();
}
