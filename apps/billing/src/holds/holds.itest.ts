import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { DelinquencyWorld } from '../delinquency/world.itest.ts';
import { startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterEach(async () => {
  expect(await billing.broken()).toEqual([]);
});
afterAll(() => billing.stop());

interface HoldAnswer {
  id: string;
  state: string;
  startsOn: string;
  endsOn?: string;
  code: string;
  errors: { pointer: string; detail: string }[];
}
const late = async (terms: object = {}) => {
  const world = await (await DelinquencyWorld.begin(billing, {}, terms)).paidFirst();
  return world.on('2025-03-01');
};

describe('a hold', () => {
  it('S-74: stops a delinquency, and on its release grace begins anew', async () => {
    const world = await late();
    await (await world.on('2025-03-02')).on('2025-03-07');
    const terms = { scope: { policyLocator: world.policy }, targets: ['delinquency'], reason: 'Complaint' };
    const hold = await world.post<HoldAnswer>('/holds', terms);
    expect(hold).toMatchObject({ state: 'active', startsOn: '2025-03-07' });
    await world.on('2025-03-07');
    expect(await world.delinquency()).toMatchObject({ state: 'pre_grace' });
    await world.on('2025-03-27');
    const release = () => world.api.post<HoldAnswer>(`/holds/${hold.id}/release`, {});
    expect(await release()).toMatchObject({ status: 200, body: { state: 'released', endsOn: '2025-03-27' } });
    expect(await release()).toMatchObject({ status: 409, body: { code: 'invalid_transition' } });
    await world.on('2025-03-28');
    expect(await world.delinquency()).toMatchObject({ state: 'in_grace', graceEndOn: '2025-04-06' });
    expect(await world.told()).toEqual([
      ...['delinquency.started', 'delinquency.grace_started', 'delinquency.held', 'delinquency.grace_started'],
    ]);
  });

  it('takes back a notice that was mailed: after it, another one is due', async () => {
    const world = await late();
    await world.on('2025-03-09');
    await world.mail((await world.delinquency()).notice!.id, '2025-03-10T15:00:00Z');
    await world.becomes('notice_issued');
    await world.on('2025-03-12');
    const scope = { policyLocator: world.policy };
    await world.post('/holds', { scope, targets: ['delinquency'], reason: 'Storm', endsOn: '2025-04-01' });
    await world.on('2025-03-25');
    expect(await world.delinquency()).toMatchObject({ state: 'pre_grace', notice: { state: 'withdrawn' } });
    await (await world.on('2025-04-01')).on('2025-04-09');
    expect(await world.delinquency()).toMatchObject({ state: 'in_grace', notice: { state: 'due' } });
  });

  it('of autopay keeps a charge from being tried again until it is over', async () => {
    const world = await late({ collection: 'automatic' });
    const instalment = await world.fail('soft');
    const scope = { policyLocator: world.policy };
    await world.post('/holds', { scope, targets: ['autopay'], reason: 'Dispute', endsOn: '2025-03-04' });
    const state = async () => (await world.attempts(instalment)).at(-1);
    await world.on('2025-03-03');
    expect(await state()).toMatchObject({ no: 2, state: 'waiting', on: '2025-03-02' });
    await world.on('2025-03-04');
    expect(await state()).toMatchObject({ no: 2, state: 'requested' });
  });

  it('is listed, the newest first, and is its tenant’s alone', async () => {
    const world = await late();
    const terms = { scope: { jurisdiction: 'US-LA' }, targets: ['delinquency', 'autopay'], reason: 'Flood' };
    const hold = await world.post<HoldAnswer>('/holds', terms);
    expect((await world.api.get('/holds?state=active')).body).toEqual({ items: [hold], nextCursor: null });
    expect((await world.api.get('/holds?state=released')).body).toEqual({ items: [], nextCursor: null });
    expect((await world.api.get(`/holds?policyLocator=${world.policy}`)).body).toEqual({ items: [], nextCursor: null });
    const other = await billing.api(newId());
    expect((await other.post(`/holds/${hold.id}/release`, {})).status).toBe(404);
  });

  it.each([
    [{ scope: {} }, 400, '/scope'],
    [{ scope: { line: null } }, 400, '/scope/line'],
    [{ endsOn: null }, 400, '/endsOn'],
    [{ targets: [] }, 400, '/targets'],
    [{ targets: ['everything'] }, 400, '/targets'],
    [{ startsOn: '2025-03-02', endsOn: '2025-03-02' }, 400, '/endsOn'],
    [{ endsOn: '2020-01-01' }, 400, '/endsOn'],
    [{ endsOn: new Date().toISOString().slice(0, 10) }, 400, '/endsOn'],
    [{ startsOn: '2020-01-01', endsOn: '2020-01-02' }, 400, '/endsOn'],
    [{ reason: '' }, 400, '/reason'],
    [{ scope: { policyLocator: '0194205c-2c00-7000-8000-0000000000ff' } }, 422, '/scope/policyLocator'],
  ])('%j: %i %s, and nothing is stored', async (said, status, pointer) => {
    const tenantId = newId();
    const api = await billing.api(tenantId);
    const terms = { scope: { line: 'motor' }, targets: ['delinquency'], reason: 'Storm', ...said };
    const answer = await api.post<HoldAnswer>('/holds', terms);
    expect([answer.status, answer.body.errors[0]?.pointer]).toEqual([status, pointer]);
    expect(await billing.sql('SELECT FROM holds WHERE tenant_id = $1', [tenantId])).toEqual([]);
  });
});

describe('a moratorium', () => {
  it('S-75: holds every policy it fits until lifted, and pursues nothing of then from an earlier day', async () => {
    const world = await (await DelinquencyWorld.begin(billing, {}, { jurisdiction: 'US-LA' })).paidFirst();
    const id = newId();
    const said = { moratoriumId: id, jurisdiction: 'US-LA', targets: ['delinquency'], reason: 'Hurricane' };
    const dates = { startsOn: '2025-02-02', endsOn: '2025-06-01' };
    await world.say('policy.moratorium_declared', id, { ...said, ...dates });
    await world.say('policy.moratorium_declared', id, { ...said, ...dates }, 2);
    await eventually(async () => (await billing.sql('SELECT FROM holds WHERE id = $1', [id])).length === 1);
    await (await (await world.on('2025-03-01')).on('2025-03-15')).on('2025-04-15');
    expect(await world.delinquencies()).toEqual([]);
    await world.say('policy.moratorium_lifted', id, { moratoriumId: id, endsOn: '2025-05-01' }, 3);
    await eventually(
      async () => (await billing.sql(`SELECT FROM holds WHERE id = $1 AND state = 'released'`, [id])).length === 1,
    );
    await world.on('2025-05-01');
    expect(await world.delinquency()).toMatchObject({
      ...{ state: 'in_grace', onsetOn: '2025-05-01', graceEndOn: '2025-05-11', balance: '200.00' },
    });
  });

  it('that nobody declared cannot be lifted', async () => {
    const world = await DelinquencyWorld.begin(billing);
    const id = newId();
    await world.say('policy.moratorium_lifted', id, { moratoriumId: id, endsOn: '2025-05-01' });
    const letter = await eventually(async () =>
      (await billing.deadLetters()).find(({ body }) => Buffer.from(body).includes(id)),
    );
    expect(letter.reason).toContain('was never declared');
  });
});
