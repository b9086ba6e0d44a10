import { Injectable, Logger } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { isDelinquencyOpen } from '../domain/delinquency.ts';
import type { Delinquency } from '../domain/delinquency.ts';
import type { DelinquencyFact } from '../domain/delinquency-course.ts';
import { HoldRepository } from '../holds/hold.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { followDebtor } from './debtor.ts';
import type { Debtor, Followed } from './debtor.ts';
import { delinquencyEvent } from './delinquency.events.ts';
import { DelinquencyRepository } from './delinquency.repository.ts';
import { DelinquencySettingsRepository } from './delinquency-settings.repository.ts';
import { EquityRepository } from './equity.repository.ts';
import { PastDueRepository } from './past-due.repository.ts';
import { TroubleFeesService } from './trouble-fees.service.ts';

const counted = metrics.counter('billing_delinquency_steps_total', 'Steps of delinquencies, by kind', ['step']);

const failed = metrics.counter('billing_delinquency_errors_total', 'Policies that could not be followed');

/** A policy that is looked at, and the plan by which what is new of it is followed, if anything new is. */
export interface Look extends PolicyKey {
  readonly planId?: string | null;
  /** The event that made somebody look. */
  readonly cause?: QuittanceEvent;
}

/** What a delinquency became outside its course, before it is looked at again. */
export interface Change {
  readonly delinquency: Delinquency;
  readonly facts: readonly DelinquencyFact[];
}

/**
 * Follows what policies owe past due. Every look reads how things stand under the lock of the policy, and takes each
 * step that is due: who looks, the day's sweep, a payment, a test clock, makes no difference, and twice is as good as
 * once.
 */
@Injectable()
export class DelinquenciesService {
  private readonly log = new Logger(DelinquenciesService.name);

  constructor(
    private readonly delinquencies: DelinquencyRepository,
    private readonly pastDue: PastDueRepository,
    private readonly settings: DelinquencySettingsRepository,
    private readonly holds: HoldRepository,
    private readonly fees: TroubleFeesService,
    private readonly equity: EquityRepository,
    private readonly outbox: Outbox,
  ) {}

  /** The caller holds the locks of the policies. */
  async follow(tx: Tx, looks: readonly Look[], nowOf: NowOf): Promise<void> {
    const debtors = await this.debtors(tx, looks, nowOf);
    await this.save(tx, debtors.flatMap(followDebtor));
  }

  /**
   * As `follow`, for a batch of policies that have nothing to do with each other: where one cannot be followed, the
   * others are.
   * @returns how many could not
   */
  async followEach(tx: Tx, looks: readonly Look[], nowOf: NowOf): Promise<number> {
    const debtors = await this.debtors(tx, looks, nowOf);
    const followed = debtors.map((debtor) => this.tried(debtor));
    await this.save(tx, followed.filter((each) => each !== null).flat());
    return followed.filter((each) => each === null).length;
  }

  private tried(debtor: Debtor): Followed[] | null {
    try {
      return followDebtor(debtor);
    } catch (error) {
      const { tenantId, locator: policyLocator } = debtor.policy;
      failed.inc();
      this.log.error({ tenantId, policyLocator, err: error }, 'delinquency not followed');
      return null;
    }
  }

  /** As `follow`, after something has happened to open ones. */
  async change(tx: Tx, looks: readonly Look[], nowOf: NowOf, of: (debtor: Debtor) => readonly Change[]): Promise<void> {
    const debtors = await this.debtors(tx, looks, nowOf);
    const changed = new Map(debtors.map((debtor) => [debtor, of(debtor)]));
    await this.delinquencies.saveNotices(
      tx,
      [...changed.values()].flat().map(({ delinquency }) => delinquency),
    );
    const all = debtors.flatMap((debtor) => {
      const changes = new Map(changed.get(debtor)!.map((change) => [change.delinquency.id, change]));
      const open = debtor.open.map((each) => changes.get(each.id)?.delinquency ?? each);
      return followDebtor({ ...debtor, open }).map((followed) => {
        const facts = changes.get(followed.delinquency.id)?.facts ?? [];
        return { ...followed, facts: [...facts, ...followed.facts] };
      });
    });
    await this.save(tx, all);
  }

  private async debtors(tx: Tx, looks: readonly Look[], nowOf: NowOf): Promise<Debtor[]> {
    const open = await this.delinquencies.openOf(tx, looks);
    const concerned = new Set(open.map(({ tenantId, policyLocator }) => `${tenantId}/${policyLocator}`));
    const lookAt = new Map(looks.map((look) => [`${look.tenantId}/${look.locator}`, look]));
    const wanted = [...lookAt].flatMap(([key, look]) => (look.planId != null || concerned.has(key) ? [look] : []));
    // Nothing is past due, or nobody has a plan: the ordinary case costs one look.
    if (wanted.length === 0) return [];
    const [policies, debts, settingsOf, holds, paidOn] = await Promise.all([
      this.pastDue.policiesOf(tx, wanted),
      this.pastDue.openOf(tx, wanted),
      this.settings.of(
        tx,
        wanted.map(({ tenantId }) => tenantId),
      ),
      this.holds.ofPolicies(tx, wanted),
      this.pastDue.paidOn(tx, open),
    ]);
    return policies.map((policy) => {
      const { tenantId, locator } = policy;
      const look = lookAt.get(`${tenantId}/${locator}`);
      const isOwn = (row: { tenantId: string; policyLocator: string }) =>
        row.tenantId === tenantId && row.policyLocator === locator;
      return {
        policy,
        debts: debts.filter(isOwn),
        open: open.filter(isOwn),
        holds: holds.filter((hold) => hold.tenantId === tenantId),
        settings: settingsOf(tenantId),
        paidOn,
        now: nowOf(tenantId),
        planId: look?.planId ?? null,
        cause: look?.cause,
      };
    });
  }

  private async save(tx: Tx, all: readonly Followed[]): Promise<void> {
    if (all.length === 0) return;
    await this.delinquencies.save(
      tx,
      all.map(({ delinquency }) => delinquency),
    );
    await this.pastDue.join(
      tx,
      all.flatMap(({ delinquency, owed }) => owed.map((debt) => ({ ...debt, delinquencyId: delinquency.id }))),
    );
    await this.pastDue.part(
      tx,
      all.flatMap(({ delinquency, goesOn }) =>
        isDelinquencyOpen(delinquency.state) ? [] : [{ ...delinquency, goesOn }],
      ),
    );
    const equityOn = await this.equity.of(tx, all.filter(asksToCancel));
    await this.outbox.append(
      tx,
      all.flatMap(({ facts, debtor, delinquency, owed }) => {
        const { policy, settings, now, cause } = debtor;
        const context = {
          policy,
          rules: settings.rules,
          time: now,
          cause,
          owed,
          equityOn: equityOn.get(delinquency.id),
        };
        return facts.map((fact) => delinquencyEvent(fact, context));
      }),
    );
    // Last: it takes the counters of invoice numbers.
    await this.fees.assessFollowed(tx, all);
    tx.afterCommit(() => all.forEach((each) => this.tell(each)));
  }

  /** One wide line a step, with every id by which somebody may look for it. */
  private tell({ facts }: Followed): void {
    for (const { type: step, delinquency } of facts) {
      counted.inc({ step });
      const { tenantId, id: delinquencyId, policyLocator, state, balanceMinor, currency, notice } = delinquency;
      const ids = { tenantId, delinquencyId, policyLocator, noticeId: notice?.id, ruleId: notice?.ruleId };
      this.log.log({ ...ids, step, state, balanceMinor: Number(balanceMinor), currency }, 'delinquency followed');
    }
  }
}

function asksToCancel({ facts }: Followed): boolean {
  return facts.some(({ type }) => type === 'cancellation_requested');
}
