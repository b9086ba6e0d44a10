import fc from 'fast-check';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { eventOf, issue, paymentData, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';

let billing: Billing;
beforeAll(async () => {
  billing = await startBilling();
});
afterAll(() => billing.stop());

const lastYear = { effectiveDate: `${new Date().getUTCFullYear() - 1}-01-01` };

interface Target {
  tenantId: string;
  policyLocator: string;
  instalments: { id: string; amount: string }[];
}

/** What may happen to a payment; numbers choose among what there is. */
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('instalment' as const), on: fc.nat(), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('policy' as const),
      on: fc.nat(),
      minor: fc.integer({ min: 1, max: 40_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('lost' as const),
      on: fc.nat(),
      minor: fc.integer({ min: 1, max: 9000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reverse' as const), which: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat() }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

type Payment = { tenantId: string; data: ReturnType<typeof paymentData>; reversed: boolean };

/** Turns commands into events, and keeps the one thing it can know by itself: which money is still there. */
class World {
  readonly payments: Payment[] = [];
  readonly events: QuittanceEvent[] = [];

  constructor(private readonly targets: readonly Target[]) {}

  run(command: Command): void {
    if (command.kind === 'again') return this.repeat(command.which);
    if (command.kind === 'reverse') return this.reverse(command.which);
    const { tenantId, policyLocator, instalments } = this.targets[command.on % this.targets.length]!;
    if (command.kind === 'policy') return this.post(tenantId, paymentData(command.minor, { policyLocator }));
    if (command.kind === 'lost') return this.post(tenantId, paymentData(command.minor, { policyLocator: 'nowhere' }));
    const { id, amount } = instalments[command.which % instalments.length]!;
    this.post(
      tenantId,
      paymentData(Math.round(Number(amount) * 100), { source: { type: 'instalment', id, attempt: 1 } }),
    );
  }

  private post(tenantId: string, data: Payment['data']): void {
    this.payments.push({ tenantId, data, reversed: false });
    this.events.push(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
  }

  private reverse(which: number): void {
    const open = this.payments.filter(({ reversed }) => !reversed);
    const payment = open[which % open.length];
    if (!payment) return;
    payment.reversed = true;
    const { tenantId, data } = payment;
    this.events.push(eventOf({ type: 'payment.reversed', tenantId, subject: data.locator, sequence: 2, data }));
  }

  /** The same event once more, late. */
  private repeat(which: number): void {
    const event = this.events[which % this.events.length];
    if (event) this.events.push(event);
  }
}

async function targets(): Promise<Target[]> {
  const issued: Target[] = [];
  for (const tenantId of [newId(), newId()]) {
    const api = await billing.api(tenantId);
    for (let i = 0; i < 2; i++) {
      const { policy, schedule } = await issue(api, lastYear);
      issued.push({ tenantId, policyLocator: policy.locator, instalments: schedule.instalments });
    }
  }
  return issued;
}

const states = async (locators: string[]) => {
  const rows = await billing.sql<{ locator: string; state: string; amount: string }>(
    `SELECT locator, state, allocated_minor + unapplied_minor + suspended_minor AS amount
       FROM received_payments WHERE locator = ANY($1)`,
    [locators],
  );
  return new Map(rows.map(({ locator, state, amount }) => [locator, `${state} ${amount}`]));
};

it('whatever is paid, taken back and told twice, every cent is where it belongs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 60 }), async (commands) => {
      const world = new World(await targets());
      for (const each of commands) world.run(each);
      await billing.publish(...world.events);
      const expected = new Map(
        world.payments.map(({ data, reversed }) => [
          data.locator,
          reversed ? 'reversed 0' : `posted ${data.amount.amountMinor}`,
        ]),
      );
      await eventually(async () => {
        expect(await states([...expected.keys()])).toEqual(expected);
        return true;
      });
      expect(await billing.broken()).toEqual([]);
      expect(await billing.deadLetters()).toEqual([]);
    }),
    { numRuns: 8 },
  );
});
