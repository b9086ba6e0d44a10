import type { RunningService } from '@quittance/service-kit/bootstrap';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { createEndpoint, startInfrastructure, startWebhooks } from '../testing/harness.itest.ts';
import type { Infrastructure } from '../testing/harness.itest.ts';

const url = 'http://127.0.0.1:9/hooks';
let infrastructure: Infrastructure;
let service: RunningService;
let api: Api;

beforeAll(async () => {
  infrastructure = await startInfrastructure();
  service = await startWebhooks(infrastructure.env());
});
afterAll(async () => {
  await service.stop();
  await infrastructure.stop();
});
beforeEach(async () => {
  api = await infrastructure.api(service.url, newId());
});

const flow = { ordering: 'key_block', ratePerSecond: 250, maxConcurrency: 256 };

it('what is set is stored and shown, and what is left out of a change stays', async () => {
  const { id } = await createEndpoint(api, url, flow);
  expect((await api.get(`/webhook-endpoints/${id}`)).body).toMatchObject(flow);
  const changed = await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { ordering: 'key_skip' } });
  expect(changed).toMatchObject({ status: 200, body: { ...flow, ordering: 'key_skip' } });
  const cleared = await api.send('PATCH', `/webhook-endpoints/${id}`, { body: { ratePerSecond: null } });
  expect(cleared.body).toMatchObject({ ratePerSecond: null, maxConcurrency: 256 });
});

it.each([
  [{ ordering: 'fifo' }, '/ordering'],
  [{ ordering: null }, '/ordering'],
  [{ ratePerSecond: 0 }, '/ratePerSecond'],
  [{ ratePerSecond: 10_001 }, '/ratePerSecond'],
  [{ ratePerSecond: 1.5 }, '/ratePerSecond'],
  [{ ratePerSecond: '5' }, '/ratePerSecond'],
  [{ maxConcurrency: 0 }, '/maxConcurrency'],
  [{ maxConcurrency: 257 }, '/maxConcurrency'],
  [{ maxConcurrency: null }, '/maxConcurrency'],
])('400: %j, nothing is stored', async (body, pointer) => {
  const { id } = await createEndpoint(api, url);
  const refused = await api.post<any>('/webhook-endpoints', { url, ...body });
  expect(refused).toMatchObject({
    status: 400,
    body: { errors: expect.arrayContaining([expect.objectContaining({ pointer })]) },
  });
  const unchanged = await api.send<any>('PATCH', `/webhook-endpoints/${id}`, { body });
  expect(unchanged).toMatchObject({
    status: 400,
    body: { errors: expect.arrayContaining([expect.objectContaining({ pointer })]) },
  });
  const { items } = (await api.get<any>('/webhook-endpoints')).body;
  expect(items).toMatchObject([{ id, ordering: 'none', ratePerSecond: null, maxConcurrency: 32 }]);
});

it('the database refuses what the API does', async () => {
  const { id } = await createEndpoint(api, url);
  const set = (sql: string) => infrastructure.admin.query(`UPDATE endpoints SET ${sql} WHERE id = $1`, [id]);
  await expect(set(`ordering = 'fifo'`)).rejects.toThrow('endpoints_ordering');
  await expect(set('rate_per_second = 0')).rejects.toThrow('endpoints_rate_per_second');
  await expect(set('max_concurrency = 257')).rejects.toThrow('endpoints_max_concurrency');
  await expect(infrastructure.admin.query('UPDATE tenant_configs SET weight = 0')).rejects.toThrow(
    'tenant_configs_weight',
  );
});
