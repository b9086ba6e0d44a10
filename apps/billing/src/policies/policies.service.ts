import { Injectable, Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { contentOf, termOf } from '../domain/policy.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import { getPlan } from '../domain/plan.ts';
import { planSchedule } from '../domain/schedule.ts';
import { DueService } from '../instalments/due.service.ts';
import { autopayOf } from '../instalments/due.repository.ts';
import type { DueInstalment } from '../instalments/due.repository.ts';
import { NewScheduleRepository } from '../schedules/new-schedule.repository.ts';
import { buildSchedule } from '../schedules/schedule.builder.ts';
import type { NewSchedule, ScheduleParts } from '../schedules/schedule.builder.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { scheduleCreated, transactionApplied } from './policy.events.ts';
import { PolicyRepository } from './policy.repository.ts';
import type { PolicyKey } from './policy.repository.ts';
import type { StoredPolicy } from './policy.entity.ts';
import type { IssuedPolicy } from './policy.view.ts';

const issued = metrics.counter('billing_policies_issued_total', 'Policies issued, by plan', ['plan']);

export interface Issue extends PolicyKey {
  readonly terms: PolicyTerms;
  /** The event that said so, where it came as one. */
  readonly cause?: QuittanceEvent;
}

interface MadePolicy {
  readonly issued: IssuedPolicy;
  /** What of its schedule is to be billed already. */
  readonly dues: readonly DueInstalment[];
}

@Injectable()
export class PoliciesService {
  private readonly log = new Logger(PoliciesService.name);

  constructor(
    private readonly policies: PolicyRepository,
    private readonly schedules: ScheduleRepository,
    private readonly newSchedules: NewScheduleRepository,
    private readonly due: DueService,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /**
   * A policy, its schedule, and the invoices of what is due already, in one transaction.
   * @throws DomainError `plan_not_eligible`
   */
  async issue(tx: Tx, issue: Issue): Promise<IssuedPolicy> {
    const nowOf = await this.time.of(tx, [issue.tenantId]);
    const made = await this.insert(tx, issue, nowOf);
    await this.due.release(tx, made.dues, nowOf);
    return made.issued;
  }

  /**
   * Issues each policy once: one that is here already with the same content changes nothing.
   * @throws PoisonError `policy_conflict` for one that is here with other content
   * @throws DomainError `plan_not_eligible`
   */
  async issueOnce(tx: Tx, issues: readonly Issue[]): Promise<void> {
    const nowOf = await this.time.of(
      tx,
      issues.map(({ tenantId }) => tenantId),
    );
    const dues: DueInstalment[] = [];
    for (const issue of issues) {
      const hash = await this.policies.contentHash(tx, issue);
      if (!hash) dues.push(...(await this.insert(tx, issue, nowOf)).dues);
      else if (!hash.equals(hashOf(issue.terms))) throw new PoisonError('policy_conflict');
    }
    // All at once and last: this takes the counters of several tenants, which has to be in one order.
    await this.due.release(tx, dues, nowOf);
  }

  private async insert(tx: Tx, { tenantId, locator, terms, cause }: Issue, nowOf: NowOf): Promise<MadePolicy> {
    const planned = planSchedule(terms.charges, getPlan(terms.plan), termOf(terms));
    const parts = partsOf(tenantId, locator, terms, this.clock.now());
    const made = buildSchedule(planned, parts);
    const now = nowOf(tenantId);
    const occasion = { time: now, cause };
    await Promise.all([
      this.policies.insert(tx, parts.policy),
      this.policies.insertTransaction(tx, parts.transaction),
      this.policies.insertCharges(tx, parts.charges),
      this.newSchedules.insert(tx, made),
      this.outbox.append(tx, [
        transactionApplied(parts, made.schedule.id, occasion),
        scheduleCreated(parts, made, occasion),
      ]),
    ]);
    tx.afterCommit(() => this.tell(made));
    const issued = { policy: parts.policy, charges: parts.charges, scheduleId: made.schedule.id };
    return { issued, dues: dueAt(now, parts, made).map((due) => ({ ...due, cause })) };
  }

  private tell({ schedule, instalments }: NewSchedule): void {
    const { tenantId, policyLocator, id: scheduleId, transactionId, plan, totalMinor, currency } = schedule;
    issued.inc({ plan });
    const amounts = { totalMinor: Number(totalMinor), currency, instalments: instalments.length };
    this.log.log({ tenantId, policyLocator, scheduleId, transactionId, plan, ...amounts }, 'policy issued');
  }

  async find(tx: Tx, { tenantId, locator }: PolicyKey): Promise<IssuedPolicy | null> {
    const policy = await this.policies.find(tx, tenantId, locator);
    if (!policy) return null;
    const page = { policyLocator: locator, before: null, limit: 1 };
    const [charges, schedules] = await Promise.all([
      this.policies.charges(tx, tenantId, locator),
      this.schedules.page(tx, tenantId, page),
    ]);
    return { policy, charges, scheduleId: schedules[0]?.id ?? null };
  }

  /** Counts for every charge from the next one on. */
  async changePaymentMethod(tx: Tx, key: PolicyKey, paymentMethodId: string): Promise<IssuedPolicy | null> {
    await this.policies.setPaymentMethod(tx, key, paymentMethodId);
    return this.find(tx, key);
  }
}

function hashOf(terms: PolicyTerms): Buffer {
  return createHash('sha256').update(contentOf(terms)).digest();
}

function partsOf(
  tenantId: string,
  locator: string,
  { charges, ...terms }: PolicyTerms,
  createdAt: Date,
): ScheduleParts & { readonly policy: StoredPolicy } {
  const contentHash = hashOf({ charges, ...terms });
  const transaction = {
    tenantId,
    id: newId(),
    policyLocator: locator,
    number: 1,
    type: 'issue' as const,
    state: 'applied' as const,
    effectiveDate: terms.effectiveDate,
    termNumber: 1,
    request: {},
    contentHash,
    invalidates: null,
    version: 1,
    createdAt,
  };
  return {
    policy: { ...terms, tenantId, locator, contentHash, version: 1, createdAt },
    transaction,
    charges: charges.map((charge, index) => ({
      ...charge,
      tenantId,
      id: newId(),
      policyLocator: locator,
      transactionId: transaction.id,
      position: index + 1,
      currency: terms.currency,
      termNumber: 1,
      coverageStart: terms.effectiveDate,
      coverageEnd: terms.expirationDate,
      voidedMinor: 0n,
      offsetsChargeId: null,
    })),
  };
}

/** The instalments of a new schedule that are billed at once, as when a policy is issued after its first day. */
function dueAt(now: Date, { policy, charges }: ScheduleParts, { instalments, lines }: NewSchedule): DueInstalment[] {
  return instalments
    .filter(({ generateAt }) => generateAt <= now)
    .map((instalment) => ({
      instalment,
      policy,
      lines: lines
        .filter(({ instalmentId }) => instalmentId === instalment.id)
        .map(({ chargeId, amountMinor }) => {
          const { category, code } = charges.find(({ id }) => id === chargeId)!;
          return { chargeId, category, code, amountMinor };
        }),
      paidThrough: null,
      dueAt: instalment.dueAt,
      autopay: autopayOf(instalment),
    }));
}
