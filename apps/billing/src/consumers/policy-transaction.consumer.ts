import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { readTransaction } from '../transactions/transaction-event.reader.ts';
import { ToldTransactionsService } from '../transactions/told-transactions.service.ts';
import { readRequest } from '../transactions/transaction.reader.ts';

type Told = QuittanceEvent<
  'policy.endorsed' | 'policy.cancelled' | 'policy.reinstated' | 'policy.renewed' | 'policy.transaction_invalidated'
>;

const types = {
  'policy.endorsed': 'endorsement',
  'policy.cancelled': 'cancellation',
  'policy.reinstated': 'reinstatement',
  'policy.renewed': 'renewal',
  'policy.transaction_invalidated': 'invalidation',
} as const;

/**
 * What a policy system did with a policy, as over HTTP. Told again, by this event or another with the same transaction,
 * it changes nothing; told wrongly it is a dead letter with the reason, and what comes after it is heard nevertheless.
 */
@Controller()
export class PolicyTransactionConsumer {
  constructor(private readonly transactions: ToldTransactionsService) {}

  @EventPattern(
    ['policy.endorsed', 'policy.cancelled', 'policy.reinstated', 'policy.renewed', 'policy.transaction_invalidated'],
    { afterDeadLetter: 'continue' },
  )
  async handle(events: Told[], tx: Tx): Promise<void> {
    const told = await Promise.all(
      events.map(async (cause) => {
        const { dto, ...ids } = await readTransaction(types[cause.type], cause.id, cause.data);
        const requestIn = (currency: string) => readRequest(dto, currency);
        return { ...ids, policyVersion: dto.policyVersion, cause, requestIn };
      }),
    );
    await this.transactions.apply(tx, told);
  }
}
