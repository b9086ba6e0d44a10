import { Injectable } from '@nestjs/common';
import { sequenceOf } from '@quittance/events/envelope';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { keyOf } from '../domain/identity.ts';
import { DisputeRepository } from './dispute.repository.ts';
import type { Dispute } from './dispute.repository.ts';

export type DisputeEvent = QuittanceEvent<'dispute.opened' | 'dispute.updated' | 'dispute.won' | 'dispute.lost'>;

/** Which payments are disputed. No money moves here: it does by `payment.returned`, which comes with a lost dispute. */
@Injectable()
export class DisputesService {
  constructor(private readonly disputes: DisputeRepository) {}

  async record(tx: Tx, events: readonly DisputeEvent[]): Promise<void> {
    const latest = new Map(events.map(disputeOf).map((dispute) => [keyOf(dispute), dispute]));
    await this.disputes.save(tx, [...latest.values()]);
  }
}

function disputeOf(event: DisputeEvent): Dispute {
  const { disputeId: id, paymentLocator, amount, state } = event.data;
  const { minor: amountMinor, currency } = fromWire(amount);
  const isOpen = state !== 'won' && state !== 'lost';
  const version = sequenceOf(event) ?? 0;
  return { tenantId: event.tenantid, id, paymentLocator, currency, amountMinor, isOpen, version };
}
