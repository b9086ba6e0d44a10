import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import { said, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';

let ledger: Reconciliation;
const start = async (env: Record<string, string> = {}) => (ledger = await startReconciliation(env));
afterEach(() => ledger.stop());

const reached = (tenantId: string, sequence: number, businessDate: string) =>
  said('test_clock.reached', { tenantId, subject: tenantId, sequence, data: { businessDate } });
const reconciled = async (tenantId: string) =>
  (await ledger.eventsOf(tenantId)).map(({ type, sequence, data }) => [type, Number(sequence), data]);
const day = (sequence: number, businessDate: string) => ['test_clock.reconciled', sequence, { businessDate }];

it('answers each day of a tenant once, in a sequence without a gap', async () => {
  await start();
  const [one, two] = [newId(), newId()];
  const first = reached(one, 1, '2025-01-02');
  await ledger.publish(first, first, { ...first, id: newId() }, reached(two, 1, '2025-01-02'));
  await ledger.publish(reached(one, 2, '2025-01-03'), reached(one, 3, '2025-01-04'), reached(two, 2, '2025-01-05'));
  await eventually(async () => {
    expect(await reconciled(two)).toEqual([day(1, '2025-01-02'), day(2, '2025-01-05')]);
    return true;
  });
  expect(await reconciled(one)).toEqual([day(1, '2025-01-02'), day(2, '2025-01-03'), day(3, '2025-01-04')]);
  const [answer] = await ledger.eventsOf(one);
  expect(answer).toMatchObject({ tenantid: one, causationid: first.id, correlationid: first.correlationid });
});

it('follows no test clock where it is not allowed', async () => {
  await start({ ALLOW_TEST_CLOCK: 'false' });
  const [tenantId, locator] = [newId(), newId()];
  await ledger.publish(
    reached(tenantId, 1, '2025-01-02'),
    said('payment.posted', { tenantId, subject: locator, data: { locator } }),
  );
  await ledger.booked(tenantId, 1);
  expect(await reconciled(tenantId)).toEqual([]);
});
