import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { readPartyChange, readTransaction } from '../transactions/transaction-event.reader.ts';
import { ToldTransactionsService } from '../transactions/told-transactions.service.ts';
import { readRequest } from '../transactions/transaction.reader.ts';

type Told = QuittanceEvent<keyof typeof types>;

const types = {
  'policy.endorsed': 'endorsement',
  'policy.cancelled': 'cancellation',
  'policy.reinstated': 'reinstatement',
  'policy.renewed': 'renewal',
  'policy.nonrenewed': 'nonrenewal',
  'policy.expired': 'expiration',
  'policy.transaction_invalidated': 'invalidation',
} as const;

/**
 * What a policy system did with a policy, as over HTTP. Told again, by this event or another with the same transaction,
 * it changes nothing; told wrongly it is a dead letter with the reason, and what comes after it is heard nevertheless.
 */
@Controller()
export class PolicyTransactionConsumer {
  constructor(private readonly transactions: ToldTransactionsService) {}

  @EventPattern(Object.keys(types) as (keyof typeof types)[], { afterDeadLetter: 'continue' })
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

  @EventPattern('policy.party_changed', { afterDeadLetter: 'continue' })
  async handleParties(events: QuittanceEvent<'policy.party_changed'>[], tx: Tx): Promise<void> {
    const told = events.map(async (cause) => ({ ...(await readPartyChange(cause.data)), cause }));
    await this.transactions.apply(tx, await Promise.all(told));
  }
}
