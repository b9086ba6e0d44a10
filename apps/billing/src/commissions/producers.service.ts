import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CommissionEntry, ProducerBalance, StatementPeriod } from '../domain/producer-account.ts';
import { CommissionEntryRepository } from './commission-entry.repository.ts';
import type { CommissionEntryPage } from './commission-entry.repository.ts';

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
