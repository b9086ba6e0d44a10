import { Injectable, Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CommissionsService } from '../commissions/commissions.service.ts';
import type { Charge } from '../domain/charge.ts';
import { contentOf } from '../domain/policy.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import { localDate } from '../domain/zone.ts';
import { findPlan } from '../domain/plan.ts';
import { DueService } from '../instalments/due.service.ts';
import { autopayOf } from '../instalments/due.repository.ts';
import type { DueInstalment } from '../instalments/due.repository.ts';
import { NewScheduleRepository } from '../schedules/new-schedule.repository.ts';
import { PlanningService } from '../schedules/planning.service.ts';
import type { Planning } from '../schedules/planning.service.ts';
import { buildSchedule } from '../schedules/schedule.builder.ts';
import type { NewSchedule, ScheduleParts } from '../schedules/schedule.builder.ts';
import { scheduleMade, transactionApplied } from './policy.events.ts';
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
    private readonly planning: PlanningService,
    private readonly newSchedules: NewScheduleRepository,
    private readonly due: DueService,
    private readonly commissions: CommissionsService,
    private readonly outbox: Outbox,
  ) {}

  /**
   * A policy, its schedule, and the invoices of what is due already, in one transaction.
   * @throws DomainError `plan_not_eligible`, `invalid_policy`
   */
  async issue(tx: Tx, issue: Issue): Promise<IssuedPolicy> {
    const by = await this.planning.of(tx, [issue]);
    const made = await this.insert(tx, issue, by);
    await this.due.release(tx, made.dues, by.nowOf);
    return made.issued;
  }

  /**
   * Issues each policy once: one that is here already with the same content changes nothing.
   * @throws PoisonError `policy_conflict` for one that is here with other content
   * @throws DomainError `plan_not_eligible`, `invalid_policy`
   */
  async issueOnce(tx: Tx, issues: readonly Issue[]): Promise<void> {
    const by = await this.planning.of(tx, issues);
    const dues: DueInstalment[] = [];
    for (const issue of issues) {
      const hash = await this.policies.contentHash(tx, issue);
      if (!hash) dues.push(...(await this.insert(tx, issue, by)).dues);
      else if (!hash.equals(hashOf(issue.terms))) throw new PoisonError('policy_conflict');
    }
    // All at once and last: this takes the counters of several tenants, which has to be in one order.
    await this.due.release(tx, dues, by.nowOf);
  }

  private async insert(tx: Tx, issue: Issue, { nowOf, recordedAt, plan }: Planning): Promise<MadePolicy> {
    const { tenantId, cause } = issue;
    const now = nowOf(tenantId);
    const planned = plan(issue);
    const parts = partsOf(issue, planned.charges, recordedAt);
    const made = buildSchedule(planned, parts);
    const occasion = { time: now, cause };
    await Promise.all([
      this.policies.insert(tx, parts.policy, planned.planVersion),
      this.policies.insertTransaction(tx, parts.transaction),
      this.policies.insertCharges(tx, parts.charges),
      this.newSchedules.insert(tx, made),
      this.outbox.append(tx, [
        transactionApplied(parts, made.schedule.id, occasion),
        ...scheduleMade(parts, made, occasion),
      ]),
    ]);
    await this.commissions.open(tx, [{ ...termToOpen(parts.policy), occasion }]);
    tx.afterCommit(() => this.tell(made));
    const issued = {
      ...{ policy: parts.policy, charges: parts.charges, scheduleId: made.schedule.id },
      terms: [firstTermOf(parts.policy, planned.planVersion)],
      today: localDate(now, parts.policy.timeZone),
    };
    return { issued, dues: dueAt(now, parts, made).map((due) => ({ ...due, cause })) };
  }

  private tell({ schedule, instalments }: NewSchedule): void {
    const { tenantId, policyLocator, id: scheduleId, transactionId, plan, totalMinor, currency } = schedule;
    issued.inc({ plan: findPlan(plan) ? plan : 'own' });
    const amounts = { totalMinor: Number(totalMinor), currency, instalments: instalments.length };
    this.log.log({ tenantId, policyLocator, scheduleId, transactionId, plan, ...amounts }, 'policy issued');
  }

  /** Counts for every charge from the next one on. */
  async changePaymentMethod(tx: Tx, key: PolicyKey, paymentMethodId: string): Promise<void> {
    await this.policies.setPaymentMethod(tx, key, paymentMethodId);
  }
}

function termToOpen({ tenantId, locator: policyLocator, effectiveDate, producerId, currency }: StoredPolicy) {
  return { tenantId, policyLocator, number: 1, effectiveDate, producerId, currency };
}

/** As it is written with the policy. */
function firstTermOf(policy: StoredPolicy, planVersion: number): PolicyTerm {
  const { tenantId, locator: policyLocator, effectiveDate, expirationDate, plan } = policy;
  const term = { effectiveDate, expirationDate, plan, planVersion };
  return { tenantId, policyLocator, number: 1, ...term, state: 'in_force', cancelledOn: null };
}

function hashOf(terms: PolicyTerms): Buffer {
  return createHash('sha256').update(contentOf(terms)).digest();
}

/** `charges` are what the plan made of those that were sent. */
function partsOf(
  issue: Issue,
  charges: readonly Charge[],
  createdAt: Date,
): ScheduleParts & { readonly policy: StoredPolicy } {
  const { tenantId, locator } = issue;
  const { charges: _sent, ...terms } = issue.terms;
  const contentHash = hashOf(issue.terms);
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
