import { Logger } from '@nestjs/common';
import { Metrics } from '../telemetry/metrics.ts';
import { HealthServer } from './health-server.ts';
import { Readiness } from './readiness.ts';

let readiness: Readiness;
let server: HealthServer;
let base: string;

beforeEach(async () => {
  Logger.overrideLogger(false);
  readiness = new Readiness();
  server = new HealthServer(readiness, new Metrics());
  base = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
});

afterEach(() => server.close());

const get = async (path: string) => {
  const response = await fetch(`${base}${path}`);
  return { status: response.status, body: await response.text() };
};

it('is alive before it is started, and ready only after', async () => {
  expect((await get('/health/live')).status).toBe(200);
  expect((await get('/health/startup')).status).toBe(503);
  expect((await get('/health/ready')).status).toBe(503);
  readiness.markStarted();
  expect((await get('/health/startup')).status).toBe(200);
  expect((await get('/health/ready')).status).toBe(200);
});

it('is not ready while a check fails, says no more than that, and recovers', async () => {
  let healthy = false;
  readiness.add('database', () => (healthy ? Promise.resolve() : Promise.reject(new Error('CANARY at 10.0.0.7'))));
  readiness.markStarted();
  expect(await get('/health/ready')).toEqual({ status: 503, body: '{"status":"unavailable"}' });
  expect((await get('/health/live')).status).toBe(200);
  healthy = true;
  expect((await get('/health/ready')).status).toBe(200);
});

it('gives a check that never answers one second', async () => {
  readiness.add('database', () => new Promise<void>(() => {}));
  readiness.markStarted();
  const startedAt = performance.now();
  expect(await readiness.isReady()).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});

it('forgives a check for a while after it passed, and only then', async () => {
  let healthy = true;
  const check = () => (healthy ? Promise.resolve() : Promise.reject(new Error('late')));
  readiness.add('patient', check);
  readiness.markStarted();
  expect(await readiness.isReady()).toBe(true);
  healthy = false;
  expect(await readiness.isReady()).toBe(true);
  readiness.add('strict', check, { graceMs: 0 });
  expect(await readiness.isReady()).toBe(false);
});

it('stays ready without what is optional', async () => {
  readiness.add('nats', () => Promise.reject(new Error('away')), { optional: true });
  readiness.markStarted();
  expect(await readiness.isReady()).toBe(true);
});

it('is not ready while draining, whatever works', async () => {
  readiness.markStarted();
  readiness.markDraining();
  expect((await get('/health/ready')).status).toBe(503);
});
