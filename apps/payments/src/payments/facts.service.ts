import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { PaymentFact } from '../domain/payment.ts';
import { LinkFacts } from '../payment-links/link-facts.service.ts';
import { receiptsOf } from '../receipts/issue-receipts.ts';
import { ReceiptRepository } from '../receipts/receipt.repository.ts';
import { toEvent } from './payment-event.ts';
import type { Origin } from './payment-event.ts';

/** A fact, and what made it one. */
export type SaidFact = PaymentFact & { readonly origin?: Origin };

/**
 * The only way facts about payments are said: their events, and what follows from them here, in the transaction of the
 * change. A fact without its followers cannot be committed, nor the other way round.
 */
@Injectable()
export class Facts {
  constructor(
    private readonly outbox: Outbox,
    private readonly receipts: ReceiptRepository,
    private readonly links: LinkFacts,
  ) {}

  /** In one round trip, but for payments of links. */
  async say(tx: Tx, facts: readonly SaidFact[]): Promise<void> {
    const issued = receiptsOf(facts);
    const events = facts.map(({ origin, ...fact }) => toEvent(fact, origin));
    await Promise.all([
      this.outbox.append(tx, [...events, ...issued.map(({ event }) => event)]),
      this.receipts.insert(
        tx,
        issued.map(({ receipt }) => receipt),
      ),
      this.links.follow(tx, facts),
    ]);
  }
}
