import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import type { CommissionAgreement } from '../domain/commission.ts';
import { CommissionAgreementEntity } from './commission.entity.ts';

export interface ProducerPage {
  readonly producerId: string | null;
  readonly before: string | null;
  readonly limit: number;
}

const INSERT = `
  INSERT INTO commission_agreements (tenant_id, id, producer_id, rate_millionths, basis, earn, effective_from,
    created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT commission_agreements_once DO NOTHING`;

@Injectable()
export class CommissionAgreementRepository {
  /** False where the producer has one from that date already. */
  async insert(tx: Tx, agreement: CommissionAgreement): Promise<boolean> {
    const { tenantId, id, producerId, rate, basis, earn, effectiveFrom, createdAt } = agreement;
    const written = await tx.execute(INSERT, [
      tenantId,
      id,
      producerId,
      Number(rate),
      basis,
      earn,
      effectiveFrom,
      createdAt,
    ]);
    return written === 1;
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, { producerId, before, limit }: ProducerPage): Promise<CommissionAgreement[]> {
    return tx.manager.find(CommissionAgreementEntity, {
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
