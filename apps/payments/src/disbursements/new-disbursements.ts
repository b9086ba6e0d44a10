import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { createDisbursement } from '../domain/disbursement.ts';
import type { DisbursementDecision } from '../domain/disbursement.ts';
import type { Origin } from '../payments/payment-event.ts';
import { disbursementEvent } from './disbursement-event.ts';
import { DisbursementRepository } from './disbursement.repository.ts';

/** Where disbursements come from: billing asks for one, or a refund becomes one. */
@Injectable()
export class NewDisbursements {
  constructor(
    private readonly disbursements: DisbursementRepository,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** Billing has set the money aside; how it is paid out is decided here, by cheque unless billing names a way. */
  async take(tx: Tx, events: readonly QuittanceEvent<'disbursement_request.created'>[]): Promise<void> {
    const now = this.clock.now();
    const asked = events.map((cause) => {
      const { requestId, payeeType, payeeLocator, policyLocator, amount, source, method, reason } = cause.data;
      const { minor: amountMinor, currency } = fromWire(amount);
      const decision = createDisbursement({
        ...{ tenantId: cause.tenantid, id: newId(), requestId, payeeType, amountMinor, currency, createdAt: now },
        ...{ payeeLocator: payeeLocator ?? null, policyLocator: policyLocator ?? null, reason: reason ?? null },
        ...{ method: method ?? 'check', sourceType: source.type, sourceId: source.id ?? null },
      });
      return { decision, origin: { cause } };
    });
    await this.store(tx, asked);
  }

  create(tx: Tx, decisions: readonly DisbursementDecision[]): Promise<void> {
    return this.store(
      tx,
      decisions.map((decision) => ({ decision })),
    );
  }

  private async store(tx: Tx, news: readonly { decision: DisbursementDecision; origin?: Origin }[]): Promise<void> {
    const inserted = await this.disbursements.insert(
      tx,
      news.map(({ decision }) => decision.next),
    );
    const really = news.filter(({ decision }) => inserted.has(decision.next.id));
    await this.outbox.append(
      tx,
      really.flatMap(({ decision, origin }) => decision.facts.map((fact) => disbursementEvent(fact, origin))),
    );
  }
}
