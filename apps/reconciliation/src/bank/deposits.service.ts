import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { DomainError } from '../domain/errors.ts';
import type { Deposit, Identification } from '../domain/deposit.ts';
import { normalReference } from '../domain/item.ts';
import { ExceptionRepository } from '../exceptions/exception.repository.ts';
import { depositIdentified } from './bank-event.ts';
import { DepositRepository } from './deposit.repository.ts';
import type { DepositFilter } from './deposit.repository.ts';

@Injectable()
export class DepositsService {
  constructor(
    private readonly deposits: DepositRepository,
    private readonly exceptions: ExceptionRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  find(tx: Tx, tenantId: string, id: string): Promise<Deposit | null> {
    return this.deposits.find(tx, tenantId, id);
  }

  page(tx: Tx, tenantId: string, filter: DepositFilter): Promise<Deposit[]> {
    return this.deposits.page(tx, tenantId, filter);
  }

  /**
   * A person says whose money it is; what is said later stands. It is no match: money moves when it is matched.
   * @returns null where there is no such deposit
   * @throws DomainError `deposit_matched`
   */
  async identify(tx: Tx, key: { tenantId: string; id: string }, known: Identification): Promise<Deposit | null> {
    const deposit = await this.deposits.lock(tx, key.tenantId, key.id);
    if (!deposit) return null;
    if (deposit.state === 'matched')
      throw new DomainError('deposit_matched', 'The deposit is matched: what it is for is known.');
    const now = this.clock.now();
    const identified: Deposit = {
      ...deposit,
      ...known,
      ...{ state: 'identified', identifiedAt: now, version: deposit.version + 1 },
    };
    const subject = { tenantId: key.tenantId, subject: { type: 'bank_line', id: key.id } };
    await Promise.all([
      this.deposits.identify(tx, identified, normalReference(known.policyLocator)),
      this.exceptions.close(tx, [subject], ['deposit_unidentified'], now),
      this.outbox.append(tx, [depositIdentified(identified, now)]),
    ]);
    return identified;
  }
}
