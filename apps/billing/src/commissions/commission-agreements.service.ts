import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { AgreementTerms, CommissionAgreement } from '../domain/commission.ts';
import { DomainError } from '../domain/errors.ts';
import { formatRate } from '../domain/rate.ts';
import { CommissionAgreementRepository } from './commission-agreement.repository.ts';
import type { ProducerPage } from './commission-agreement.repository.ts';

/** Agreements are never changed: another one takes over from its date, for terms that start then or later. */
@Injectable()
export class CommissionAgreementsService {
  private readonly log = new Logger(CommissionAgreementsService.name);

  constructor(
    private readonly agreements: CommissionAgreementRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `agreement_exists` */
  async create(tx: Tx, tenantId: string, terms: AgreementTerms): Promise<CommissionAgreement> {
    const agreement = { ...terms, tenantId, id: newId(), createdAt: this.clock.now() };
    if (!(await this.agreements.insert(tx, agreement))) {
      throw new DomainError('agreement_exists', `The producer has an agreement from ${terms.effectiveFrom} already.`, {
        errors: [{ pointer: '/effectiveFrom', detail: 'the date of another agreement of the producer' }],
      });
    }
    const { id: agreementId, producerId, rate, earn, effectiveFrom } = agreement;
    const line = { tenantId, agreementId, producerId, rate: formatRate(rate), earn, effectiveFrom };
    tx.afterCommit(() => this.log.log(line, 'commission agreed'));
    return agreement;
  }

  page(tx: Tx, tenantId: string, page: ProducerPage): Promise<CommissionAgreement[]> {
    return this.agreements.page(tx, tenantId, page);
  }
}
