import fs from 'node:fs';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { answerTestClocks, eventOf, paymentData, startBilling } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { dateOf } from './year/days.ts';
import { PolicyYear } from './year/expected.ts';
import type { Expected } from './year/expected.ts';
import { bodyOf, failuresOf, firstDay, lastDay, scenarioOf, transactionOf } from './year/scenario.ts';
import type { Scenario } from './year/scenario.ts';

const policies = Number(process.env['YEAR_POLICIES'] ?? 60);
const seed = Number(process.env['SIMULATION_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const report = process.env['YEAR_REPORT'];
const patience = { timeoutMs: 600_000, everyMs: 10 };
const atOnce = 8;
/** How many dates a request walks: with many policies a client would not wait for a week. */
const step = policies > 1000 ? 1 : 7;
const minutes = 60_000;

type Due = QuittanceEvent<'instalment.due' | 'instalment.collection_due'>;

let billing: Billing;
beforeAll(async () => {
  const env = { DUE_SWEEP_EVERY_MS: '3600000', TEST_CLOCK_DAY_TIMEOUT_MS: '600000' };
  billing = await startBilling(env);
}, 2 * minutes);
afterAll(() => billing.stop());

const DUE = `
  SELECT seq, body FROM event_log
   WHERE tenant_id = $1 AND seq > $2 AND type IN ('instalment.due', 'instalment.collection_due') ORDER BY seq`;
const APPLIED = `
  SELECT (SELECT count(*) FROM received_payments WHERE tenant_id = $1 AND kind = 'payment')::int AS paid,
         (SELECT count(*) FROM collection_attempts WHERE tenant_id = $1 AND state = 'failed')::int AS failed`;

/** The policies of one tenant, and payments, which takes what billing asks for or fails to. */
class Year {
  readonly tenantId = newId();
  readonly scenarios = Array.from({ length: policies }, (_, index) => scenarioOf(seed, index));
  readonly told = { paid: 0, failed: 0, transactions: 0 };
  private readonly locators = new Map<string, Scenario>();
  private readonly locatorOf = new Map<number, string>();
  private seq = '0';
  private today = firstDay - 1;

  async play(): Promise<void> {
    const { tenantId } = this;
    await billing.sql('INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, $2, 0)', [
      tenantId,
      dateOf(firstDay),
    ]);
    await each(this.scenarios, (scenario) => this.issue(scenario));
    const failures: unknown[] = [];
    const stub = answerTestClocks(billing, tenantId, async () => {
      await this.day().catch((error: unknown) => failures.push(error));
    });
    for (let to = firstDay; failures.length === 0; to = Math.min(to + step, lastDay)) {
      const { status, body } = await (await this.api()).post('/test-clocks/advance', { to: dateOf(to) });
      expect({ status, body }).toMatchObject({ status: 200 });
      if (to === lastDay) break;
    }
    await stub.stop();
    expect(failures).toEqual([]);
  }

  /** A long year outlives a token. */
  private api(): Promise<Api> {
    return billing.api(this.tenantId);
  }

  private async issue(scenario: Scenario): Promise<void> {
    const { status, body } = await (await this.api()).post<{ locator: string }>('/policies', bodyOf(scenario));
    expect({ status, body, scenario: String(scenario.index) }).toMatchObject({ status: 201 });
    this.locators.set(body.locator, scenario);
    this.locatorOf.set(scenario.index, body.locator);
  }

  /** What happens on a date once billing has done its part: money, then changes, and money for what these made due. */
  private async day(): Promise<void> {
    this.today += 1;
    await this.collect();
    await each(
      this.scenarios.filter(({ change }) => change?.on === this.today),
      async ({ index, change, currency }) => {
        const path = `/policies/${this.locatorOf.get(index)}/transactions`;
        const { status, body } = await (await this.api()).post(path, transactionOf(change!, currency));
        expect({ status, body, index }).toMatchObject({ status: 201 });
        this.told.transactions += 1;
      },
    );
    await this.collect();
  }

  private async collect(): Promise<void> {
    const rows = await billing.sql<{ seq: string; body: Buffer }>(DUE, [this.tenantId, this.seq]);
    if (rows.length === 0) return;
    this.seq = rows.at(-1)!.seq;
    await each(rows, ({ body }) => billing.publish(this.answer(JSON.parse(body.toString()) as Due)));
    await eventually(async () => {
      const [applied] = await billing.sql(APPLIED, [this.tenantId]);
      const { paid, failed } = this.told;
      expect(applied).toEqual({ paid, failed });
      return true;
    }, patience);
  }

  private answer({ data, subject: id }: Due): QuittanceEvent {
    const { attempt, balance, dueOn, policyLocator } = data;
    const about = { amount: balance, source: { type: 'instalment' as const, id, attempt: attempt } };
    const scenario = this.locators.get(policyLocator)!;
    const { tenantId } = this;
    if (attempt <= failuresOf(scenario.index, dueOn)) {
      this.told.failed += 1;
      const failure = {
        code: 'insufficient_funds',
        category: 'soft',
        retryable: true,
        recommendedAction: 'retry_later',
      };
      const failed = paymentData(1, { ...about, failure } as Parameters<typeof paymentData>[1]);
      return eventOf({ type: 'payment.failed', tenantId, subject: failed.locator, data: failed });
    }
    this.told.paid += 1;
    const paid = paymentData(1, about);
    return eventOf({ type: 'payment.posted', tenantId, subject: paid.locator, data: paid });
  }

  /** As the books have it, by the number of the policy. */
  async actual(): Promise<Map<number, Expected>> {
    const [instalments, invoices, funds, schedules] = await Promise.all(
      [INSTALMENTS, INVOICES, UNAPPLIED, SCHEDULES].map((text) => billing.sql<Row>(text, [this.tenantId])),
    );
    const by = (rows: readonly Row[] = []) => Map.groupBy(rows, ({ locator }) => locator);
    const [own, debts, unapplied, covers] = [by(instalments), by(invoices), by(funds), by(schedules)];
    return new Map(
      [...this.locators].map(([locator, { index }]) => [
        index,
        {
          instalments: (own.get(locator) ?? []).map(({ text }) => text!),
          invoices: (debts.get(locator) ?? []).map(({ text }) => text!).sort(),
          unapplied: BigInt(unapplied.get(locator)?.[0]?.text ?? 0),
          paidThrough: covers.get(locator)?.[0]?.text ?? null,
        },
      ]),
    );
  }
}

interface Row {
  readonly locator: string;
  readonly text: string | null;
}

const INSTALMENTS = `
  SELECT policy_locator AS locator, concat_ws(' ', due_on, amount_minor, balance_minor, period_end) AS text
    FROM instalments WHERE tenant_id = $1 AND state <> 'superseded' ORDER BY number`;
const INVOICES = `
  SELECT policy_locator AS locator, concat_ws(' ', type, due_on, total_minor, balance_minor) AS text
    FROM invoices WHERE tenant_id = $1`;
const UNAPPLIED = `
  SELECT owner_locator AS locator, balance_minor::text AS text FROM unapplied_funds WHERE tenant_id = $1`;
const SCHEDULES = `
  SELECT policy_locator AS locator, paid_through::text AS text FROM schedules WHERE tenant_id = $1`;

/** A few at a time. */
async function each<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  const worker = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

it(
  `a year of ${policies} policies reconciles to the cent, from seed ${seed}`,
  async () => {
    const startedAt = performance.now();
    const year = new Year();
    await year.play();
    const actual = await year.actual();
    const differing = year.scenarios.flatMap((scenario) => {
      const expected = new PolicyYear(scenario).play();
      const found = actual.get(scenario.index);
      const isSame = JSON.stringify(found, plain) === JSON.stringify(expected, plain);
      return isSame ? [] : [{ scenario, expected, found }];
    });
    const changed = year.scenarios.filter(({ change }) => change !== null);
    const broken = await billing.broken();
    if (report !== undefined) {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      const dates = lastDay - firstDay + 1;
      const found = { measuredAt: new Date().toISOString(), policies, seed, dates, seconds, ...year.told };
      const json = JSON.stringify({ ...found, differing: differing.length, broken: broken.length }, undefined, 2);
      fs.writeFileSync(report, `${json}\n`);
    }
    expect(differing.slice(0, 3)).toEqual([]);
    expect(year.told.transactions).toBe(changed.length);
    expect(year.told.failed).toBeGreaterThan(0);
    expect(broken).toEqual([]);
    expect(await billing.deadLetters()).toEqual([]);
  },
  Math.max(10, policies / 20) * minutes,
);

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
