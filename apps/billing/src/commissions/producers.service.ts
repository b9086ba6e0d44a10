import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { CommissionEntryRepository } from './commission-entry.repository.ts';
import type { CommissionEntryPage, ProducerBalance, StatementPeriod } from './commission-entry.repository.ts';
import type { CommissionEntry } from './commission.entity.ts';

/** What producers read: their account, entry by entry, and its balances over a period. */
@Injectable()
export class ProducersService {
  constructor(private readonly entries: CommissionEntryRepository) {}

  page(tx: Tx, tenantId: string, page: CommissionEntryPage): Promise<CommissionEntry[]> {
    return this.entries.page(tx, tenantId, page);
  }

  statement(tx: Tx, tenantId: string, producerId: string, period: StatementPeriod): Promise<ProducerBalance[]> {
    return this.entries.balances(tx, { tenantId, producerId }, period);
  }
}
