import fc from 'fast-check';
import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { DeadLetterDesk } from '@quittance/service-kit/messaging/dead-letter-desk';
import { eventually } from '@quittance/testing/eventually';
import { InvariantRepository } from '../invariants/invariant.repository.ts';
import { said, startReconciliation } from '../testing/harness.itest.ts';
import type { Reconciliation } from '../testing/harness.itest.ts';
import { MoneyWorld } from '../testing/money-world.itest.ts';

let ledger: Reconciliation;
beforeAll(async () => {
  ledger = await startReconciliation();
});
afterAll(() => ledger.stop());

/** Debit less credit of every account that is not at zero. */
async function balances(tenantId: string): Promise<Record<string, string>> {
  type Answer = Record<string, { accounts: { code: string; balance: string }[]; total: string }>;
  const { body } = await (await ledger.api(tenantId)).get<Answer>('/trial-balance');
  expect(body['USD']?.total ?? '0.00').toBe('0.00');
  const accounts = body['USD']?.accounts ?? [];
  return Object.fromEntries(
    accounts.filter(({ balance }) => balance !== '0.00').map((each) => [each.code, each.balance]),
  );
}
const become = (tenantId: string, expected: Record<string, string>) =>
  eventually(
    async () => {
      expect(await balances(tenantId)).toEqual(expected);
      return true;
    },
    { timeoutMs: 20_000 },
  );
const violations = () => {
  const { app } = ledger.service;
  return app.get(Database).tx((tx) => app.get(InvariantRepository).violations(tx, null));
};
async function deadLetters(): Promise<string[]> {
  const connection = await ledger.nats.connect('provisioner');
  const letters = await new DeadLetterDesk(connection, () => ledger.service.app.get(Database)).list();
  await connection.close();
  return letters.map(({ reason }) => reason);
}

describe('the story of', () => {
  const tell = async (world: MoneyWorld, expected: Record<string, string>) => {
    await ledger.publish(...world.events);
    await become(world.tenantId, expected);
    expect(await violations()).toEqual([]);
  };

  it('a refund of 125.00 out of what was overpaid by card', async () => {
    const world = new MoneyWorld();
    const payment = world.pay(120_000, 107_500);
    world.refund(payment, 12_500);
    await tell(world, { '1100': '1075.00', '1200': '-1075.00' });
  });

  it('S-87: an ACH return of 200.00', async () => {
    const world = new MoneyWorld();
    world.return(world.pay(20_000, 20_000, 'ach'));
    await tell(world, {});
  });

  it('a dispute of 1,075.00 with a fee of 15.00, opened and won', async () => {
    const world = new MoneyWorld();
    const dispute = world.dispute(world.pay(107_500, 107_500), 1500);
    await tell(world, { '1100': '-15.00', '1200': '-1075.00', '1400': '1075.00', '5125': '15.00' });
    const told = world.events.length;
    world.settle(dispute, 'won');
    await ledger.publish(...world.events.slice(told));
    await become(world.tenantId, { '1100': '1075.00', '1200': '-1075.00' });
  });

  it('S-95: 40.00 refunded of 100.00, and all of it charged back: 40.00 is owed', async () => {
    const world = new MoneyWorld();
    const payment = world.pay(10_000, 10_000);
    world.refund(payment, 4000);
    world.settle(world.dispute(payment, 0), 'lost');
    await tell(world, { '1100': '-40.00', '1200': '40.00' });
  });

  it('S-92: 20.00 of 120.00 paid out, and all of it returned: 20.00 is owed', async () => {
    const world = new MoneyWorld();
    const payment = world.pay(12_000, 10_000, 'ach');
    world.follow(world.request(payment, 2000), 'cleared');
    world.return(payment);
    await tell(world, { '1020': '-20.00', '1200': '20.00' });
  });

  it.each<['failed' | 'voided' | 'stale' | 'open', Record<string, string>]>([
    ['open', { '1100': '20.00', '2310': '-20.00' }],
    ['failed', { '1100': '20.00', '2100': '-20.00' }],
    ['voided', { '1100': '20.00', '2100': '-20.00' }],
    ['stale', { '1100': '20.00', '2320': '-20.00' }],
  ])('20.00 to be paid out that is %s', async (how, expected) => {
    const world = new MoneyWorld();
    world.follow(world.request(world.pay(2000, 0), 2000), how);
    await tell(world, expected);
  });

  it('money of nobody, of which a part is refunded', async () => {
    const world = new MoneyWorld();
    world.refund(world.payNobody(5000), 2000);
    await tell(world, { '1100': '30.00', '2110': '-30.00' });
  });
});

it('a return with the code of a chargeback, but no dispute, is a return like any other', async () => {
  const world = new MoneyWorld();
  world.return(world.pay(10_000, 0), 'chargeback');
  await ledger.publish(...world.events);
  await ledger.booked(world.tenantId, 2);
  await become(world.tenantId, {});
});

it('an inquiry holds nothing until it is a chargeback, and that once', async () => {
  const world = new MoneyWorld();
  const { locator: paymentLocator } = world.pay(10_000, 0);
  const [tenantId, disputeId] = [world.tenantId, newId()];
  const of = (type: 'dispute.opened' | 'dispute.updated', sequence: number, stage: EventData<typeof type>['stage']) =>
    said(type, { tenantId, subject: disputeId, sequence, data: { disputeId, paymentLocator, stage } });
  await ledger.publish(...world.events, of('dispute.opened', 1, 'inquiry'));
  await become(tenantId, { '1100': '100.00', '2100': '-100.00' });
  await ledger.publish(of('dispute.updated', 2, 'chargeback'), of('dispute.updated', 3, 'arbitration'));
  await become(tenantId, { '1100': '59.33', '1400': '25.67', '2100': '-100.00', '5125': '15.00' });
});

it('a refund of a payment that is not booked is a dead letter', async () => {
  const [tenantId, refundId, paymentLocator] = [newId(), newId(), newId()];
  await ledger.publish(said('refund.succeeded', { tenantId, subject: refundId, data: { refundId, paymentLocator } }));
  const reason = await eventually(async () => (await deadLetters()).find((each) => each.includes(paymentLocator)));
  expect(reason).toContain('entry_not_booked');
});

const minor = fc.integer({ min: 1, max: 9000 });
const which = fc.nat();
const command = fc.oneof(
  fc.record({ kind: fc.constant('pay' as const), minor, which }),
  fc.record({ kind: fc.constant('nobody' as const), minor, which }),
  fc.record({ kind: fc.constant('refund' as const), minor, which }),
  fc.record({ kind: fc.constant('request' as const), minor, which }),
  fc.record({ kind: fc.constant('follow' as const), minor, which }),
  fc.record({ kind: fc.constant('dispute' as const), minor, which }),
  fc.record({ kind: fc.constant('settle' as const), minor, which }),
  fc.record({ kind: fc.constant('return' as const), minor, which }),
);

it('whatever goes out, and comes back, and is told twice: every account is what the facts add up to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 60 }), async (commands) => {
      const world = new MoneyWorld();
      for (const each of commands) world.run(each);
      const again = (event: QuittanceEvent): QuittanceEvent => ({ ...event, id: newId() });
      await ledger.publish(...world.events, ...world.events, ...world.events.filter((_, n) => n % 3 === 0).map(again));
      await become(world.tenantId, world.balances());
      expect(await violations()).toEqual([]);
    }),
    { numRuns: 15 },
  );
  expect((await deadLetters()).filter((reason) => !reason.startsWith('entry_not_booked'))).toEqual([]);
});
