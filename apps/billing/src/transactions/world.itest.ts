// A world of one tenant and one policy, in which its transactions are tried.
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventOf, issue, paymentData, scheduleOf } from '../testing/harness.itest.ts';
import type { Billing, ScheduleAnswer } from '../testing/harness.itest.ts';

const year = { effectiveDate: '2025-01-01', expirationDate: '2026-01-01', timeZone: 'America/New_York' };
export const premium = (amount: string) => [{ category: 'premium', amount }];

export interface Invoice {
  locator: string;
  type: string;
  state: string;
  total: string;
  balance: string;
  dueOn: string;
}

interface Applied {
  id: string;
  scheduleId: string;
  termNumber: number;
  charges: { amount: string }[];
}

interface Refused {
  code?: string;
  errors?: { pointer: string; detail: string }[];
}

let worlds = 0;

/** A tenant that lives on a date, with one policy of a year. */
export class World {
  readonly tenantId = newId();
  api!: Api;
  locator!: string;
  scheduleId!: string;

  constructor(private readonly billing: Billing) {}

  /** @param plan one of the tenant's own, by which the terms may say that it is paid */
  static async on(
    billing: Billing,
    date: string,
    terms: Record<string, unknown>,
    plan?: Record<string, unknown>,
  ): Promise<World> {
    const world = new World(billing);
    await billing.sql('INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, $2, 0)', [
      world.tenantId,
      date,
    ]);
    world.api = await billing.api(world.tenantId);
    // A producer earns on every one of them, so that the invariants of commission are asked, too.
    const earn = ['on_issue', 'on_billing', 'on_payment'][worlds++ % 3];
    const agreement = { producerId: 'PR-7', rate: '0.15', earn, effectiveFrom: '2020-01-01' };
    await world.api.post('/commission-agreements', agreement);
    if (plan) expect(await world.api.post('/plans', plan)).toMatchObject({ status: 201 });
    const { policy } = await issue(world.api, { ...year, collection: 'invoice', producerId: 'PR-7', ...terms });
    world.locator = policy.locator;
    world.scheduleId = policy.scheduleId;
    return world;
  }

  /** What is due by then is not billed by itself: the sweep of these tests is off. */
  async turn(date: string): Promise<void> {
    await this.billing.sql('UPDATE test_clocks SET business_date = $2 WHERE tenant_id = $1', [this.tenantId, date]);
  }

  async pay(minor: number): Promise<string> {
    const data = paymentData(minor, { policyLocator: this.locator });
    const { locator: subject } = data;
    await this.billing.publish(eventOf({ type: 'payment.posted', tenantId: this.tenantId, subject, data }));
    await this.billing.settled(subject);
    return subject;
  }

  /** As it is answered, where that may be a refusal. */
  ask(body: Record<string, unknown>) {
    return this.api.post<Applied & Refused>(`/policies/${this.locator}/transactions`, body);
  }

  async transact(body: Record<string, unknown>): Promise<Applied> {
    const answer = await this.ask(body);
    expect(answer).toMatchObject({ status: 201 });
    return answer.body;
  }

  async policy(): Promise<{ statuses: string[]; version: number; terms: { number: number; state: string }[] }> {
    return (await this.api.get<Awaited<ReturnType<World['policy']>>>(`/policies/${this.locator}`)).body;
  }

  schedule(): Promise<ScheduleAnswer> {
    return scheduleOf(this.api, this.scheduleId);
  }

  async invoices(): Promise<Invoice[]> {
    const { body } = await this.api.get<{ invoices: Invoice[] }>(`/invoices?policyLocator=${this.locator}`);
    return body.invoices.toReversed();
  }

  /** What is still owed on what was billed. */
  async owed(): Promise<number> {
    const open = (await this.invoices()).filter(({ state }) => state === 'open' || state === 'partially_paid');
    return sum(open.map(({ balance }) => balance));
  }

  async unapplied(): Promise<number> {
    const [fund] = await this.billing.sql<{ balance: string }>(
      'SELECT balance_minor AS balance FROM unapplied_funds WHERE tenant_id = $1 AND owner_locator = $2',
      [this.tenantId, this.locator],
    );
    return Number(fund?.balance ?? 0) / 100;
  }

  async types(): Promise<string[]> {
    return (await this.billing.eventsOf(this.tenantId)).map(({ type }) => type);
  }
}

export function sum(amounts: readonly string[]): number {
  return amounts.reduce((total, amount) => total + Math.round(Number(amount) * 100), 0) / 100;
}
