import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { Occasion } from '../allocations/occasion.ts';
import { CommissionsService } from '../commissions/commissions.service.ts';
import { DomainError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan.ts';
import { keptDueDay } from '../domain/plan-eligibility.ts';
import { lastCoverOf } from '../domain/policy-term.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import { planSchedule } from '../domain/schedule.ts';
import type { RenewalRequest } from '../domain/transaction.ts';
import { PlansService } from '../plans/plans.service.ts';
import { scheduleMade, transactionApplied } from '../policies/policy.events.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { PolicyTermRepository } from '../policies/policy-term.repository.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { NewScheduleRepository } from '../schedules/new-schedule.repository.ts';
import { buildSchedule } from '../schedules/schedule.builder.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { newCharge } from './change.ts';
import { CarriedMoneyService } from './carried-money.service.ts';
import type { OpenBook } from './term-books.service.ts';
import type { AppliedTransaction } from './applied-transaction.view.ts';

export interface Renewing {
  readonly request: RenewalRequest;
  readonly head: PolicyTransaction;
  readonly occasion: Occasion;
  readonly nowOf: NowOf;
}

/**
 * Another term of a policy, with a schedule of its own. Unapplied money of the policy pays it, or is to be paid out.
 */
@Injectable()
export class RenewalsService {
  constructor(
    private readonly policies: PolicyRepository,
    private readonly terms: PolicyTermRepository,
    private readonly schedules: NewScheduleRepository,
    private readonly money: CarriedMoneyService,
    private readonly plans: PlansService,
    private readonly commissions: CommissionsService,
    private readonly outbox: Outbox,
  ) {}

  /** @throws DomainError `invalid_transaction`, `plan_not_eligible`, `policy_not_in_force` */
  async renew(tx: Tx, open: OpenBook, { request, head, occasion, nowOf }: Renewing): Promise<AppliedTransaction> {
    const { policy } = open;
    const last = lastOf(open, request);
    const plan = await this.planOf(tx, policy.tenantId, request.plan ?? last.plan);
    const coverage = { start: request.effectiveDate, end: request.expirationDate };
    const transaction = { ...head, termNumber: open.terms.length + 1 };
    const { currency, jurisdiction } = policy;
    const about = {
      term: coverage,
      currency,
      jurisdiction,
      dueDay: keptDueDay(plan, policy.dueDay),
      transaction: 'renewal',
      agreedOn: open.today,
    } as const;
    const planned = planSchedule(request.charges, plan, about);
    const charges = planned.charges.map((charge, index) =>
      newCharge(charge, transaction, currency, { coverage, position: index + 1 }),
    );
    const parts = { policy: { ...policy, plan: plan.name }, transaction, charges };
    const made = buildSchedule(planned, parts);
    const term = termOf(transaction, request, plan);
    await Promise.all([
      this.policies.insertTransaction(tx, transaction),
      this.policies.insertCharges(tx, charges),
      this.terms.insert(tx, term),
      this.schedules.insert(tx, made),
      this.policies.turnVersion(tx, policy),
      this.outbox.append(tx, [
        transactionApplied(
          { ...parts, policy: { ...policy, version: policy.version + 1 } },
          made.schedule.id,
          occasion,
        ),
        ...scheduleMade(parts, made, occasion),
      ]),
    ]);
    await this.commissions.open(tx, [{ ...term, producerId: policy.producerId, currency, occasion }]);
    await this.money.settle(tx, { policy, isCarried: request.carryForward, nowOf, occasion });
    return { transaction, charges, scheduleId: made.schedule.id, currency, policyVersion: policy.version + 1 };
  }

  private async planOf(tx: Tx, tenantId: string, name: string): Promise<Plan> {
    return (await this.plans.of(tx, [{ tenantId, name }]))({ tenantId, name });
  }
}

function lastOf({ terms }: OpenBook, { effectiveDate }: RenewalRequest): PolicyTerm {
  const last = lastCoverOf(terms);
  if (!last || last.state !== 'in_force') {
    throw new DomainError('policy_not_in_force', 'The term before is not in force.');
  }
  if (last.isLast) {
    const message = 'The term before is not renewed, or has expired: invalidate that first.';
    throw new DomainError('invalid_transition', message, { allowedActions: [] });
  }
  if (effectiveDate >= last.expirationDate) return last;
  const errors = [
    { pointer: '/effectiveDate', detail: `must not be before ${last.expirationDate}, where the term ends` },
  ];
  throw new DomainError('invalid_transaction', 'A renewal begins where the term before ends.', { errors });
}

function termOf(
  { tenantId, policyLocator, termNumber: number }: PolicyTransaction,
  request: RenewalRequest,
  plan: Plan,
) {
  const { effectiveDate, expirationDate } = request;
  const term: PolicyTerm = {
    ...{ tenantId, policyLocator, number, effectiveDate, expirationDate, plan: plan.name, planVersion: plan.version },
    ...{ state: 'in_force', cancelledOn: null },
  };
  return term;
}
