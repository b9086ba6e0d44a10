import { BacklogMeter } from './backlog-meter.ts';

const meter = () => new BacklogMeter({ webhookEndpointBacklogMax: 100, webhookTenantBacklogMax: 150 } as never);
const backlog = (endpointId: string, open: number) => ({ tenantId: 't', endpointId, open });

it('counts what it added to what was measured, for the endpoint and its tenant', () => {
  const m = meter();
  m.measured([backlog('a', 40), backlog('b', 60)]);
  m.add('t', 'a', 10);
  expect(m.room('a', 100)).toBe(50);
  expect(m.room('b', 100)).toBe(40);
  expect(m.room('t', 150)).toBe(40);
});

it('what is added while a measurement runs is not lost to it', () => {
  const m = meter();
  m.add('t', 'a', 10);
  m.begin();
  m.add('t', 'a', 5);
  expect(m.room('a', 100)).toBe(85);
  m.measured([backlog('a', 10)]);
  expect(m.room('a', 100)).toBe(85);
});

it('counted anew and still nearly full, it is not counted again before the next measurement', () => {
  const m = meter();
  m.recounted('a', 94, 100);
  expect(m.isFull('a')).toBe(false);
  m.recounted('a', 96, 100);
  expect(m.isFull('a')).toBe(true);
  expect(m.room('a', 100)).toBe(4);
  m.begin();
  m.measured([backlog('a', 94)]);
  expect(m.isFull('a')).toBe(false);
});

it('measured nearly full, it needs no counting; nor does a tenant whose endpoints are it together', () => {
  const m = meter();
  m.measured([backlog('a', 96), backlog('b', 50)]);
  expect([m.isFull('a'), m.isFull('b'), m.isFull('t')]).toEqual([true, false, true]);
});

it('there is never less than no room', () => {
  const m = meter();
  m.measured([backlog('a', 500)]);
  expect(m.room('a', 100)).toBe(0);
});
