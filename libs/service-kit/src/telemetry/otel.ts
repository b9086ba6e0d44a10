// Loaded before the service: `node --import @quittance/service-kit/telemetry/otel`. Everything is set by the standard
// variables: OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_TRACES_EXPORTER turns it on, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME.
// Without them nothing is loaded or patched: instrumentation halves what a core can serve, so nobody should pay for
// spans that go nowhere. Logs go to standard output and metrics are scraped: only traces are pushed.
const { env } = process;
const isOn = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_TRACES_EXPORTER'].some(
  (name) => env[name],
);

if (isOn && env['OTEL_SDK_DISABLED'] !== 'true') {
  const { startTracing } = await import('./tracing-sdk.ts');
  await startTracing(env);
}

export {};
