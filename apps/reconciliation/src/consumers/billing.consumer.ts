import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { EarningService } from '../earning/earning.service.ts';
import { JournalService } from '../journal/journal.service.ts';
import { TenantRulesService } from '../journal/tenant-rules.service.ts';
import { postingOfBilling, reversalOfBilling } from '../journal/billing-postings.ts';
import type { BillingFact, UndoneByBilling } from '../journal/billing-postings.ts';

/** What billing decided becomes entries: what is owed, which cash pays it, whose cash it is, what is lost. */
@Controller()
export class BillingConsumer {
  constructor(
    private readonly journal: JournalService,
    private readonly rules: TenantRulesService,
    private readonly earning: EarningService,
  ) {}

  /** One handler for all of them, so that they make one batch however they alternate. */
  @EventPattern([
    'invoice.issued',
    'allocation.created',
    'credit.created',
    'suspense.opened',
    'shortfall.opened',
    'disbursement_request.created',
    'write_off.created',
    'shortfall.forgiven',
    'commission.reserved',
    'commission.earned',
    'commission.clawed_back',
    'commission.paid',
    'policy_transaction.applied',
  ])
  async decided(events: QuittanceEvent<BillingFact['type'] | 'policy_transaction.applied'>[], tx: Tx): Promise<void> {
    const [facts, applied] = [events.filter(isBooked), events.filter((event) => !isBooked(event))];
    await this.earning.hear(tx, applied as QuittanceEvent<'policy_transaction.applied'>[]);
    const rulesOf = await this.rules.of(tx, facts);
    await this.journal.post(tx, facts, (event) => postingOfBilling(event, rulesOf(event.tenantid)));
  }

  /** On their own: what they undo must be booked before. */
  @EventPattern([
    'allocation.reversed',
    'invoice.voided',
    'credit.reversed',
    'suspense.returned',
    'suspense.applied',
    'disbursement_request.returned',
    'write_off.reversed',
  ])
  async undone(events: UndoneByBilling[], tx: Tx): Promise<void> {
    await this.journal.reverse(tx, events, reversalOfBilling);
  }
}

/** The price of a policy is nothing to the books until it is billed. */
const isBooked = (event: QuittanceEvent): event is BillingFact => event.type !== 'policy_transaction.applied';
