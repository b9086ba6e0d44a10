import { Controller } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { EventPattern } from '@quittance/service-kit/messaging/event-pattern';
import { orPoison } from '../poison.ts';
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
    const read = async (cause: QuittanceEvent<'policy.issued'>) => {
      return { ...(await readPolicyIssued(cause.data)), tenantId: cause.tenantid, cause };
    };
    await orPoison(this.policies.issueOnce(tx, await Promise.all(events.map(read))));
  }
}
