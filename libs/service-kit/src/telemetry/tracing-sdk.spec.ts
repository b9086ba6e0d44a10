import { samplerFrom, spanProcessorsFrom } from './tracing-sdk.ts';

describe('the sampler', () => {
  it.each([
    [{}, 'ParentBased{root=AlwaysOnSampler'],
    [{ OTEL_TRACES_SAMPLER: 'always_off' }, 'AlwaysOffSampler'],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 'ParentBased{root=AlwaysOffSampler'],
    [{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' }, 'TraceIdRatioBased{0.25}'],
    [
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' },
      'ParentBased{root=TraceIdRatioBased{0.01}',
    ],
  ])('of %j is %s', (env, expected) => {
    expect(samplerFrom(env).toString()).toMatch(new RegExp(`^${expected.replace(/[{}.]/g, '\\$&')}`));
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER must be'],
    [{ OTEL_TRACES_SAMPLER_ARG: '2' }, 'OTEL_TRACES_SAMPLER_ARG must be'],
    [{ OTEL_TRACES_SAMPLER_ARG: 'x' }, 'OTEL_TRACES_SAMPLER_ARG must be'],
  ])('refuses %j', (env, expected) => {
    expect(() => samplerFrom(env)).toThrow(expected);
  });
});

describe('the exporter', () => {
  const nameOf = async (env: Record<string, string>) =>
    (await spanProcessorsFrom(env)).map((processor) => processor.constructor.name);

  it('is what OTEL_TRACES_EXPORTER names, else OTLP in batches', async () => {
    expect(await nameOf({ OTEL_TRACES_EXPORTER: 'none' })).toEqual([]);
    expect(await nameOf({ OTEL_TRACES_EXPORTER: 'console' })).toEqual([expect.stringContaining('Simple')]);
    const [batching] = await spanProcessorsFrom({ OTEL_BSP_SCHEDULE_DELAY: '100' });
    expect(batching).toMatchObject({ _scheduledDelayMillis: 100, _maxQueueSize: 2048 });
    await batching?.shutdown();
  });

  it.each([{ OTEL_TRACES_EXPORTER: 'zipkin' }, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }])('refuses %j', async (env) => {
    await expect(spanProcessorsFrom(env)).rejects.toThrow('OTEL_');
  });
});
