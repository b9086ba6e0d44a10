import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { DomainError } from '../domain/errors.ts';
import { PoliciesService } from '../policies/policies.service.ts';
import { readPolicyIssued } from '../policies/policy-issued.reader.ts';

/**
 * `policy.issued` says once what a policy is. Told again, by this event or another, it changes nothing; told otherwise,
 * or wrongly, it is a dead letter with the reason, and what the sender says afterwards is heard nevertheless.
 */
@Controller()
export class PolicyIssuedConsumer {
  constructor(private readonly policies: PoliciesService) {}

  @EventPattern('policy.issued', { afterDeadLetter: 'continue' })
  async handle(events: QuittanceEvent<'policy.issued'>[], tx: Tx): Promise<void> {
    for (const event of events) await this.issue(event, tx);
  }

  private async issue(event: QuittanceEvent<'policy.issued'>, tx: Tx): Promise<void> {
    const { locator, terms } = await readPolicyIssued(event.data);
    const key = { tenantId: event.tenantid, locator };
    const found = await this.policies.compare(tx, key, terms);
    if (found === 'same') return;
    if (found === 'other') throw new PoisonError('policy_conflict');
    try {
      await this.policies.issue(tx, { ...key, terms, cause: event });
    } catch (error) {
      if (error instanceof DomainError) throw new PoisonError(`${error.code}: ${error.message}`);
      throw error;
    }
  }
}
