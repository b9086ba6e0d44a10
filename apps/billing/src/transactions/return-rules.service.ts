import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { Policy } from '../domain/policy.ts';
import { returnRuleInForce } from '../domain/return-rule.ts';
import type { ReturnRule } from '../domain/return-rule.ts';
import type { CancellationRequest } from '../domain/transaction.ts';
import { ReturnRuleRepository } from './return-rule.repository.ts';
import type { TransactionPage } from './term-book.repository.ts';

/** Rows are added, never edited: a later one takes over from its date on. */
@Injectable()
export class ReturnRulesService {
  constructor(private readonly rules: ReturnRuleRepository) {}

  async add(tx: Tx, tenantId: string, rule: Omit<ReturnRule, 'id'>): Promise<ReturnRule> {
    const added = { ...rule, tenantId, id: newId() };
    await this.rules.insert(tx, added);
    return added;
  }

  page(tx: Tx, tenantId: string, page: TransactionPage): Promise<ReturnRule[]> {
    return this.rules.page(tx, tenantId, page);
  }

  /** @returns null where the tenant has none for it */
  async inForce(tx: Tx, policy: Policy, { reason, effectiveDate }: CancellationRequest): Promise<ReturnRule | null> {
    const { tenantId, jurisdiction, line, effectiveDate: policySince } = policy;
    const of = { jurisdiction, line, reason, policySince, effectiveOn: effectiveDate };
    return returnRuleInForce(await this.rules.of(tx, tenantId), of);
  }
}
