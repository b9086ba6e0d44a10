import fc from 'fast-check';
import { sampleOf } from '@quittance/events/catalogue';
import { newId } from '@quittance/service-kit/id';
import { eventually } from '@quittance/testing/eventually';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { eventOf, issue, paymentData, startBilling, usd } from '../testing/harness.itest.ts';
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
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('return' as const), which: fc.nat() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      which: fc.nat(),
      minor: fc.integer({ min: 1, max: 9000 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('again' as const), which: fc.nat() }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

type Payment = { tenantId: string; data: ReturnType<typeof paymentData>; reversed: boolean; refunded: number };

/** Turns commands into events, and keeps the one thing it can know by itself: which money is still there. */
class World {
  readonly payments: Payment[] = [];
  readonly events: QuittanceEvent[] = [];

  constructor(private readonly targets: readonly Target[]) {}

  run(command: Command): void {
    if (command.kind === 'again') return this.repeat(command.which);
    if (command.kind === 'reverse') return this.takeBack('payment.reversed', command.which);
    if (command.kind === 'return') return this.takeBack('payment.returned', command.which);
    if (command.kind === 'refund') return this.refund(command.which, command.minor);
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
    this.payments.push({ tenantId, data, reversed: false, refunded: 0 });
    this.events.push(eventOf({ type: 'payment.posted', tenantId, subject: data.locator, data }));
  }

  private takeBack(type: 'payment.reversed' | 'payment.returned', which: number): void {
    const payment = this.standing(which);
    if (!payment) return;
    payment.reversed = true;
    const { tenantId, data } = payment;
    this.events.push(eventOf({ type, tenantId, subject: data.locator, sequence: 2, data }));
  }

  /** Never more than the payment: payments sees to that. */
  private refund(which: number, minor: number): void {
    const payment = this.standing(which);
    const left = payment ? payment.data.amount.amountMinor - payment.refunded : 0;
    if (!payment || left === 0) return;
    const amount = Math.min(minor, left);
    payment.refunded += amount;
    const about = { refundId: newId(), paymentLocator: payment.data.locator, amount: usd(amount) };
    const data = { ...sampleOf('refund.succeeded'), ...about };
    this.events.push(eventOf({ type: 'refund.succeeded', tenantId: payment.tenantId, subject: about.refundId, data }));
  }

  private standing(which: number): Payment | undefined {
    const open = this.payments.filter(({ reversed }) => !reversed);
    return open[which % open.length];
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
    const agreement = { producerId: 'PR-7', rate: '0.1234', earn: 'on_payment', effectiveFrom: '2020-01-01' };
    await api.post('/commission-agreements', agreement);
    for (let i = 0; i < 2; i++) {
      const { policy, schedule } = await issue(api, { ...lastYear, producerId: 'PR-7' });
      issued.push({ tenantId, policyLocator: policy.locator, instalments: schedule.instalments });
    }
  }
  return issued;
}

/** @returns the id of the request, or null where the money was gone meanwhile */
async function askForHalf({ tenantId, policyLocator }: Target): Promise<string | null> {
  const [fund] = await billing.sql<{ balance: string }>(
    'SELECT balance_minor AS balance FROM unapplied_funds WHERE owner_locator = $1 AND balance_minor > 1',
    [policyLocator],
  );
  if (!fund) return 'nothing';
  const api = await billing.api(tenantId);
  const owner = { type: 'policy', locator: policyLocator };
  const half = usd(Math.floor(Number(fund.balance) / 2)).amount;
  const body = { source: 'unapplied', owner, amount: half, currency: 'USD', payeeType: 'insured' };
  const { status, body: answer } = await api.post<{ id: string; code?: string }>('/disbursement-requests', body, {
    'idempotency-key': newId(),
  });
  if (status === 422) expect(answer.code).toBe('funds_not_available');
  else expect(status).toBe(201);
  return status === 201 ? answer.id : null;
}

/** Pays out what each policy has, and has every other cheque stopped again. */
async function payOut(targets: readonly Target[]): Promise<void> {
  for (const [index, target] of targets.entries()) {
    const { tenantId } = target;
    // The sweep may put it to what is owed just then: it is refused, and asked again for half of the rest.
    const asked = await eventually(() => askForHalf(target));
    if (asked === 'nothing') continue;
    const about = { disbursementId: newId(), requestId: asked };
    const of = (type: 'disbursement.executed' | 'disbursement.voided', sequence: number) =>
      eventOf({ type, tenantId, subject: about.disbursementId, sequence, data: { ...sampleOf(type), ...about } });
    await billing.publish(of('disbursement.executed', 1), ...(index % 2 === 0 ? [] : [of('disbursement.voided', 2)]));
  }
}

/** The state of each, and what was refunded of it. What left it beyond what it held is owed, to the cent. */
const states = async (locators: string[]) => {
  const rows = await billing.sql<{ locator: string; state: string; asked: string; missing: string; owed: string }>(
    `SELECT r.locator, r.state, coalesce(f.asked, 0) AS asked, coalesce(s.owed, 0) AS owed,
            coalesce(f.asked, 0) - r.refunded_minor
              + CASE r.state WHEN 'reversed' THEN r.amount_minor - r.returned_minor ELSE 0 END AS missing
       FROM received_payments r
       LEFT JOIN LATERAL (SELECT sum(amount_minor) AS asked FROM refunds WHERE payment_locator = r.locator) f ON true
       LEFT JOIN LATERAL (SELECT sum(amount_minor) AS owed FROM shortfalls WHERE payment_locator = r.locator) s ON true
      WHERE r.locator = ANY($1)`,
    [locators],
  );
  for (const { missing, owed } of rows) expect(owed).toBe(missing);
  return new Map(rows.map(({ locator, state, asked }) => [locator, `${state} ${asked}`]));
};

it('whatever is paid, given back, taken back and told twice, every cent is where it belongs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 20, maxLength: 60 }), async (commands) => {
      const issued = await targets();
      const world = new World(issued);
      const settled = async () => {
        const expected = new Map(
          world.payments.map(({ data, reversed, refunded }) => [
            data.locator,
            `${reversed ? 'reversed' : 'posted'} ${refunded}`,
          ]),
        );
        await eventually(async () => {
          expect(await states([...expected.keys()])).toEqual(expected);
          return true;
        });
        expect(await billing.broken()).toEqual([]);
        expect(await billing.deadLetters()).toEqual([]);
      };
      const half = Math.ceil(commands.length / 2);
      for (const each of commands.slice(0, half)) world.run(each);
      await billing.publish(...world.events);
      await settled();
      await payOut(issued);
      const told = world.events.length;
      for (const each of commands.slice(half)) world.run(each);
      await billing.publish(...world.events.slice(told));
      await settled();
    }),
    // What fails is told as it is: to shrink it would wait for each smaller one in turn.
    { numRuns: 8, endOnFailure: true },
  );
}, 120_000);
