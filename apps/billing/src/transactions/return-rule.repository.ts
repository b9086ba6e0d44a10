import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import { ReturnRuleEntity } from './return-rule.entity.ts';
import type { StoredReturnRule } from './return-rule.entity.ts';
import type { TransactionPage } from './term-book.repository.ts';

@Injectable()
export class ReturnRuleRepository {
  async insert(tx: Tx, rule: StoredReturnRule): Promise<void> {
    await tx.manager.insert(ReturnRuleEntity, rule);
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, { before, limit }: TransactionPage): Promise<StoredReturnRule[]> {
    return tx.manager.find(ReturnRuleEntity, {
      where: { tenantId, ...(before === null ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  /** In the order in which rows were made: of equals the last one counts. */
  of(tx: Tx, tenantId: string): Promise<StoredReturnRule[]> {
    return tx.manager.find(ReturnRuleEntity, { where: { tenantId }, order: { id: 'ASC' } });
  }
}
