import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PolicyTerm } from '../domain/policy-term.ts';
import { PolicyTermEntity } from './policy-term.entity.ts';

const INSERT = `
  INSERT INTO policy_terms (tenant_id, policy_locator, number, effective_date, expiration_date, plan, plan_version,
    state, cancelled_on)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

const UPDATE = `
  UPDATE policy_terms SET plan = $4, plan_version = $5, state = $6, cancelled_on = $7, is_last = $8
   WHERE tenant_id = $1 AND policy_locator = $2 AND number = $3`;

@Injectable()
export class PolicyTermRepository {
  async insert(tx: Tx, term: PolicyTerm): Promise<void> {
    await tx.execute(INSERT, [
      term.tenantId,
      term.policyLocator,
      term.number,
      term.effectiveDate,
      term.expirationDate,
      term.plan,
      term.planVersion,
      term.state,
      term.cancelledOn,
    ]);
  }

  /** The caller holds the lock of the policy. */
  async update(tx: Tx, term: PolicyTerm): Promise<void> {
    const { tenantId, policyLocator, number, plan, planVersion, state, cancelledOn, isLast = false } = term;
    await tx.execute(UPDATE, [tenantId, policyLocator, number, plan, planVersion, state, cancelledOn, isLast]);
  }

  /** In the order of their numbers. */
  ofPolicy(tx: Tx, tenantId: string, policyLocator: string): Promise<PolicyTerm[]> {
    return tx.manager.find(PolicyTermEntity, { where: { tenantId, policyLocator }, order: { number: 'ASC' } });
  }
}
