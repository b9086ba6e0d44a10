import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { ReceivedPayment } from './allocation.entity.ts';
import { creditChanged } from './credit.events.ts';
import type { CreditChange } from './credit.events.ts';
import { CreditRepository } from './credit.repository.ts';
import type { Occasion } from './occasion.ts';

/** A source of money after a change, and what that means where it is a credit. */
export interface ChangedSource {
  readonly received: ReceivedPayment;
  readonly credited?: CreditChange;
  readonly occasion?: Occasion;
}

/** Says what becomes of credits. Payments are told of by who received them. */
@Injectable()
export class CreditTeller {
  constructor(
    private readonly credits: CreditRepository,
    private readonly outbox: Outbox,
  ) {}

  async tell(tx: Tx, changed: readonly ChangedSource[]): Promise<void> {
    const ours = changed.filter(({ received }) => received.kind !== 'payment');
    if (ours.length === 0) return;
    const keys = ours.map(({ received: { tenantId, locator: id } }) => ({ tenantId, id }));
    const known = new Map((await this.credits.find(tx, keys)).map((credit) => [credit.id, credit]));
    await this.outbox.append(
      tx,
      ours.map(({ received, credited, occasion }) => {
        const credit = known.get(received.locator);
        if (!credit || !credited || !occasion) throw new Error(`credit ${received.locator} changed without a word`);
        return creditChanged(credited, received, credit, occasion);
      }),
    );
  }
}
