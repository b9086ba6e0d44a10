// One tenant on a calendar that its test walks by hand: what billing does of a date is done, and nobody else is waited
// for.
import { sampleOf } from '@quittance/events/catalogue';
import type { EventData } from '@quittance/events/catalogue';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import type { Api } from '@quittance/testing/api';
import { eventually } from '@quittance/testing/eventually';
import { noonUtc } from '../domain/calendar.ts';
import { SweepService, sweepPasses } from '../sweep/sweep.service.ts';
import { eventOf, issue, paymentData } from '../testing/harness.itest.ts';
import type { Billing } from '../testing/harness.itest.ts';
import { DelinquencySweepService } from './delinquency-sweep.service.ts';

export interface DelinquencyAnswer {
  id: string;
  state: string;
  balance: string;
  onsetOn: string;
  graceEndOn?: string;
  reviewReason?: string;
  cancelOn?: string;
  cancellationRequestId?: string;
  notice?: { id: string; state: string; amount: string; effectiveOn?: string; cureOn?: string; proofRef?: string };
  earlierNotices: { id: string; state: string }[];
}

export interface InvoiceAnswer {
  locator: string;
  type: string;
  state: string;
  balance: string;
  dueOn: string;
  instalmentId?: string;
}

export class DelinquencyWorld {
  readonly tenantId = newId();
  policy = '';

  private constructor(
    readonly billing: Billing,
    readonly api: Api,
  ) {}

  /** A tenant with a plan, a rule and a policy of 100.00 a month since 2025-02-01, the first of which is paid. */
  static async begin(billing: Billing, plan: object = {}, terms: object = {}): Promise<DelinquencyWorld> {
    const tenant = newId();
    const world = new DelinquencyWorld(billing, await billing.api(tenant));
    Object.assign(world, { tenantId: tenant });
    await billing.sql('INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, $2, 0)', [
      tenant,
      '2025-02-01',
    ]);
    await world.post('/delinquency-plans', { name: 'Default', currency: 'USD', effectiveFrom: '2025-01-01', ...plan });
    const law = { noticeDays: 10, citation: 'Insurance Code 1', reviewedBy: 'Counsel' };
    await world.post('/delinquency-rules', { effectiveFrom: '2025-01-01', ...law });
    const { policy } = await issue(world.api, {
      ...{ effectiveDate: '2025-02-01', expirationDate: '2026-02-01', timeZone: 'America/New_York' },
      ...{ charges: [{ category: 'premium', amount: '1200.00' }], collection: 'invoice', ...terms },
    });
    world.policy = policy.locator;
    return world;
  }

  async paidFirst(): Promise<this> {
    await this.pay(10_000);
    return this;
  }

  async post<T = { id: string }>(path: string, body: object): Promise<T> {
    const answer = await this.api.post<T>(path, body);
    expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: 201 });
    return answer.body;
  }

  /** It is that date, and everything is done that it brings. */
  async on(date: string): Promise<this> {
    await this.billing.sql('UPDATE test_clocks SET business_date = $2 WHERE tenant_id = $1', [this.tenantId, date]);
    const { app } = this.billing.service;
    const now = noonUtc(date);
    const [sweep, delinquencies] = [app.get(SweepService), app.get(DelinquencySweepService)];
    const { tenantId } = this;
    const inTurn = <T>(work: (tx: Tx) => Promise<T>) => app.get(Database).withTenant(tenantId, work);
    // As the service does it: each pass in a transaction of its own, for they lock in different orders. What a consumer
    // has in hand at that moment is passed over, and looked at again.
    for (let isDone = false; !isDone;) {
      let found = 0;
      for (const pass of sweepPasses) found += await inTurn((tx) => sweep.run(tx, pass, { now, tenantId }));
      const { done, isAnyLeft } = await inTurn((tx) => delinquencies.run(tx, now, tenantId));
      isDone = found + done === 0 && !isAnyLeft && !(await inTurn((tx) => sweep.isAnyLeft(tx, now, tenantId)));
    }
    return this;
  }

  /** Money for the policy, and waits until it is here. */
  async pay(minor: number, said: Partial<EventData<'payment.posted'>> = {}): Promise<EventData<'payment.posted'>> {
    const data = paymentData(minor, { policyLocator: this.policy, ...said });
    await this.say('payment.posted', data.locator, data);
    await eventually(async () => {
      const rows = await this.billing.sql('SELECT FROM received_payments WHERE locator = $1', [data.locator]);
      return rows.length > 0;
    });
    return data;
  }

  async say(type: Parameters<typeof eventOf>[0]['type'], subject: string, data: unknown, sequence = 1): Promise<void> {
    await this.billing.publish(eventOf({ type, tenantId: this.tenantId, subject, sequence, data: data as never }));
  }

  async mail(noticeId: string, mailedAt: string, said: object = {}): Promise<void> {
    const data = { noticeId, policyLocator: this.policy, mailedAt, proofRef: 'COM-1', channel: 'post', ...said };
    await this.say('policy.notice_mailed', noticeId, data);
  }

  async returned(payment: EventData<'payment.posted'>, code: string, pejorative: boolean): Promise<void> {
    const back = { scheme: 'ach' as const, code, pejorative, returnedDate: '2025-03-05' };
    const data = { ...sampleOf('payment.returned'), ...payment, state: 'returned' as const, return: back };
    await this.say('payment.returned', payment.locator, data, 2);
  }

  /** The charge of what is open fails, and waits until that is known. */
  async fail(category: 'soft' | 'hard'): Promise<string> {
    const [row] = await this.billing.sql<{ id: string }>(
      `SELECT instalment_id AS id FROM invoices WHERE policy_locator = $1 AND state = 'open'`,
      [this.policy],
    );
    const failure = { code: 'no', category, retryable: category === 'soft', recommendedAction: 'none' };
    const source = { type: 'instalment', id: row!.id, attempt: 1 };
    await this.say('payment.failed', newId(), { ...sampleOf('payment.failed'), source, failure });
    await eventually(async () => (await this.attempts(row!.id))[0]?.state === 'failed');
    return row!.id;
  }

  attempts(instalmentId: string) {
    return this.billing.sql<{ no: number; state: string; code: string | null; category: string | null; on: string }>(
      `SELECT attempt_no AS no, state, failure_code AS code, failure_category AS category, next_attempt_on AS "on"
         FROM collection_attempts WHERE instalment_id = $1 ORDER BY attempt_no`,
      [instalmentId],
    );
  }

  async delinquencies(): Promise<DelinquencyAnswer[]> {
    const { body } = await this.api.get<{ items: DelinquencyAnswer[] }>(`/delinquencies?policyLocator=${this.policy}`);
    return body.items;
  }

  /** The newest one. */
  async delinquency(): Promise<DelinquencyAnswer> {
    const [newest] = await this.delinquencies();
    return (await this.api.get<DelinquencyAnswer>(`/delinquencies/${newest!.id}`)).body;
  }

  becomes(state: string): Promise<DelinquencyAnswer> {
    return eventually(async () => {
      const found = await this.delinquency();
      return found.state === state ? found : null;
    });
  }

  async told(): Promise<string[]> {
    const { id } = await this.delinquency();
    return (await this.billing.eventsAbout(id)).map(({ type }) => type);
  }

  async invoices(): Promise<InvoiceAnswer[]> {
    const { body } = await this.api.get<{ invoices: InvoiceAnswer[] }>(`/invoices?policyLocator=${this.policy}`);
    return body.invoices;
  }
}
