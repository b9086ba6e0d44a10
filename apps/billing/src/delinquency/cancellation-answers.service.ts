import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import { answerCancellation, checkLateAnswer, isDelinquencyOpen } from '../domain/delinquency.ts';
import type { CancellationAnswer } from '../domain/delinquency.ts';
import type { DelinquencyFactType } from '../domain/delinquency-course.ts';
import { keyOf } from '../domain/identity.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { Debtor } from './debtor.ts';
import { DelinquenciesService } from './delinquencies.service.ts';
import type { Change } from './delinquencies.service.ts';
import { DelinquencyRepository } from './delinquency.repository.ts';
import type { Concerned } from './delinquency.repository.ts';

/** What the policy system made of a request of ours. */
export interface CancellationNews {
  readonly tenantId: string;
  readonly requestId: string;
  /** Of which the sender says that the request is. */
  readonly policyLocator: string;
  readonly answer: CancellationAnswer;
  readonly cause: QuittanceEvent;
}

const told: Record<CancellationAnswer, DelinquencyFactType> = {
  accepted: 'lapsed',
  rejected: 'referred',
  rescinded: 'rescinded',
};

@Injectable()
export class CancellationAnswersService {
  constructor(
    private readonly delinquencies: DelinquencyRepository,
    private readonly following: DelinquenciesService,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  /**
   * @throws PoisonError for a request that nobody made, or that is of another policy
   * @throws DomainError `invalid_transition` for an answer that contradicts an earlier one
   */
  async hear(tx: Tx, news: readonly CancellationNews[]): Promise<void> {
    const keys = news.map(({ tenantId, requestId: id }) => ({ tenantId, id }));
    const found = await this.delinquencies.policiesOfCancellations(tx, keys);
    const known = new Set(found.map(keyOf));
    const stranger = keys.find((key) => !known.has(keyOf(key)));
    if (stranger) throw new PoisonError(`cancellation ${stranger.id} was never asked for`);
    for (const each of news) refuseOther(each, found);
    await this.policies.lock(tx, found);
    const ended = (await this.delinquencies.ofCancellations(tx, keys)).filter(({ state }) => !isDelinquencyOpen(state));
    for (const { tenantId, requestId, answer } of news) {
      const over = ended.find((each) => each.tenantId === tenantId && each.cancellationId === requestId);
      if (over) checkLateAnswer(over, answer);
    }
    const nowOf = await this.time.of(tx, new Set(keys.map(({ tenantId }) => tenantId)));
    const causes = new Map(news.map(({ tenantId, requestId: id, cause }) => [keyOf({ tenantId, id }), cause]));
    const looks = found.map((policy) => ({ ...policy, cause: causes.get(keyOf(policy))! }));
    await this.following.change(tx, looks, nowOf, (debtor) => changesOf(debtor, news));
  }
}

/** @throws PoisonError where the request is of another policy than the sender says */
function refuseOther({ tenantId, requestId, policyLocator }: CancellationNews, found: readonly Concerned[]): void {
  const asked = found.find((each) => each.tenantId === tenantId && each.id === requestId);
  if (asked?.locator === policyLocator) return;
  throw new PoisonError(`invalid_event: /policyLocator must be ${asked?.locator}, whose request it is`);
}

function changesOf(debtor: Debtor, news: readonly CancellationNews[]): Change[] {
  return debtor.open.flatMap((delinquency) => {
    let current = delinquency;
    const facts = news
      .filter(({ tenantId }) => tenantId === delinquency.tenantId)
      .filter(({ requestId }) => requestId === delinquency.cancellationId)
      .flatMap(({ answer }) => {
        const next = answerCancellation(current, answer);
        if (!next) return [];
        current = next;
        return [{ type: told[answer], delinquency: next }];
      });
    return facts.length === 0 ? [] : [{ delinquency: current, facts }];
  });
}
