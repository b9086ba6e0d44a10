import { Logger } from '@nestjs/common';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { createLogger } from './logger.ts';
import { Metrics } from './metrics.ts';
import { currentTraceparent, withRemoteParent } from './trace.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});

function lines(): { written: string[]; logger: ReturnType<typeof createLogger> } {
  const written: string[] = [];
  const logger = createLogger({ name: 'toy', level: 'trace' }, { write: (line) => void written.push(line) });
  return { written, logger };
}

describe('the log', () => {
  it('prints no credential and no body, however deep it is handed in', () => {
    const { written, logger } = lines();
    const secrets = {
      authorization: 'CANARY',
      'x-client-secret': 'CANARY',
      cookie: 'CANARY',
      'idempotency-key': 'CANARY',
    };
    logger.log(
      { ...secrets, headers: secrets, body: 'CANARY', req: { headers: secrets, body: { pan: 'CANARY' } } },
      'in',
    );
    logger.log({ a: { b: { c: { 'x-api-key': 'CANARY', password: 'CANARY', other: 'CANARY' } } } }, 'deep');
    logger.log({ Authorization: 'CANARY', list: [{ token: 'CANARY' }, ['CANARY'], new Error('CANARY')] }, 'lists');
    logger.pino.info({ ...secrets, request: new Map([['authorization', 'CANARY']]), headers: new Headers(secrets) });
    logger.pino.error({ body: Buffer.from('CANARY'), toJSON: () => 'CANARY' }, 'past the wrapper');
    expect(written).toHaveLength(5);
    expect(written.join('')).not.toContain('CANARY');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ authorization: '[redacted]', headers: '[object]' });
  });

  it('prints texts, numbers, instants and lists of them as they are', () => {
    const { written, logger } = lines();
    const at = new Date('2026-01-14T12:00:00.000Z');
    logger.log({ tenant: 't', minor: 2567n, ms: 1.5, ok: true, none: null, at, ids: ['a', 'b', at], gone: undefined });
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      ...{ tenant: 't', minor: '2567', ms: 1.5, ok: true, none: null },
      ...{ at: at.toISOString(), ids: ['a', 'b', at.toISOString()] },
    });
  });

  it('prints of an error what helps, and none of the properties that drivers and clients add', () => {
    const { written, logger } = lines();
    const cause = Object.assign(new Error('duplicate key'), {
      code: '23505',
      detail: 'Key (name)=(CANARY)',
      config: 'CANARY',
    });
    logger.error({ err: new Error('not stored', { cause }) }, 'failed', 'Toy');
    expect(JSON.parse(written[0] ?? '')).toMatchObject({
      level: 'error',
      msg: 'failed',
      err: { message: 'not stored', cause: { message: 'duplicate key', code: '23505' } },
    });
    expect(written[0]).not.toContain('CANARY');
    logger.error({ failure: Object.assign(new TypeError('other name'), { request: 'CANARY' }) }, 'failed');
    logger.error({ err: new Error('odd', { cause: { password: 'CANARY' } }) }, 'failed');
    logger.pino.error(cause);
    expect(JSON.parse(written[1] ?? '')).toMatchObject({ failure: { type: 'TypeError', message: 'other name' } });
    expect(JSON.parse(written[3] ?? '')).toMatchObject({ msg: 'duplicate key', err: { code: '23505' } });
    expect(written.join('')).not.toContain('CANARY');
  });

  it('masks a card number wherever it turns up, and no id', () => {
    const { written, logger } = lines();
    const id = '41111111-1111-4111-8111-111111111111';
    logger.log({ id, note: '4111 1111 1111 1111', list: ['4111111111111111'] }, 'paid by 4111-1111-1111-1111', 'Toy');
    logger.error(new Error('no\n4111111111111111', { cause: new Error('\uff14111111111111111') }));
    expect(written.map((line) => JSON.parse(line) as object)).toMatchObject([
      { id, note: '**** **** **** 1111', list: ['************1111'], msg: 'paid by ****-****-****-1111' },
      { err: { message: 'no\n************1111', cause: { message: '************1111' } } },
    ]);
    expect(written.join('').replaceAll(id, '')).not.toMatch(/4111|1111 ?1111/);
  });

  it("takes every shape of call of Nest's own Logger", () => {
    const { written, logger } = lines();
    Logger.overrideLogger(logger);
    const log = new Logger('Toy');
    log.log('text');
    log.warn({ a: 1 }, 'fields first');
    log.error('text', new Error('x').stack);
    log.error(new Error('bare'));
    log.debug(7);
    const parsed = written.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(parsed.map(({ level, msg, context: from }) => [level, msg, from])).toEqual([
      ['info', 'text', 'Toy'],
      ['warn', 'fields first', 'Toy'],
      ['error', 'text', 'Toy'],
      ['error', 'bare', 'Toy'],
      ['debug', '7', 'Toy'],
    ]);
    expect(parsed[1]).toMatchObject({ a: 1 });
    expect(parsed[2]?.['stack']).toContain('Error: x');
  });
});

describe('the trace', () => {
  it('is absent when nothing is traced', () => {
    expect(currentTraceparent()).toBeUndefined();
  });

  it('goes on from the one that a message carries, also without an SDK', async () => {
    const seen = await withRemoteParent(traceparent, 'process', SpanKind.CONSUMER, () =>
      Promise.resolve(currentTraceparent()),
    );
    expect(seen?.slice(0, 35)).toBe(traceparent.slice(0, 35));
  });

  it('starts anew from nonsense, passes errors on and ends the span', async () => {
    const work = () => Promise.reject(new Error('no'));
    await expect(withRemoteParent('nonsense', 'process', SpanKind.CONSUMER, work)).rejects.toThrow('no');
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('puts its ids into every log line', async () => {
    const { written, logger } = lines();
    await withRemoteParent(traceparent, 'x', SpanKind.CONSUMER, () => Promise.resolve(logger.log('inside')));
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ trace_id: traceparent.slice(3, 35) });
  });
});

describe('metrics', () => {
  it('are one per name, however often it is asked for', async () => {
    const metrics = new Metrics();
    metrics.counter('toys_total', 'Toys', ['kind']).inc({ kind: 'a' });
    metrics.counter('toys_total', 'Toys', ['kind']).inc({ kind: 'a' }, 2);
    metrics.gauge('toys_left', 'Left', [], (gauge) => gauge.set(5));
    metrics.histogram('toys_seconds', 'Time').observe(0.2);
    metrics.collectProcess();
    metrics.collectProcess();
    const text = await metrics.registry.metrics();
    expect(text).toContain('toys_total{kind="a"} 3');
    expect(text).toContain('toys_left 5');
    expect(text).toContain('toys_seconds_bucket{le="0.25"} 1');
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });
});
