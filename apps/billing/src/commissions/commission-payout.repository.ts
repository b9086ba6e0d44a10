import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import type { CommissionPayout } from '../domain/producer-account.ts';
import type { ProducerPage } from './commission-agreement.repository.ts';
import { CommissionPayoutEntity } from './commission.entity.ts';

const INSERT = `
  INSERT INTO commission_payouts (tenant_id, id, producer_id, currency, amount_minor, created_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

@Injectable()
export class CommissionPayoutRepository {
  async insert(tx: Tx, payout: CommissionPayout): Promise<void> {
    const { tenantId, id, producerId, currency, amountMinor, createdAt } = payout;
    await tx.execute(INSERT, [tenantId, id, producerId, currency, amountMinor, createdAt]);
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, { producerId, before, limit }: ProducerPage): Promise<CommissionPayout[]> {
    return tx.manager.find(CommissionPayoutEntity, {
      where: {
        tenantId,
        ...(producerId === null ? {} : { producerId }),
        ...(before === null ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }
}
