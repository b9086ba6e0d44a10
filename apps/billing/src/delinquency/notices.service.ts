import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import type { Delinquency } from '../domain/delinquency.ts';
import type { DelinquencyFactType } from '../domain/delinquency-course.ts';
import { awaits, issueNotice, returnNotice } from '../domain/delinquency-notice.ts';
import type { ProvenMailing } from '../domain/delinquency-notice.ts';
import { keyOf } from '../domain/identity.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { planOf, unpaidTerm } from './debtor.ts';
import type { Debtor } from './debtor.ts';
import { DelinquenciesService } from './delinquencies.service.ts';
import type { Change } from './delinquencies.service.ts';
import { DelinquencyRepository } from './delinquency.repository.ts';

/** What happened to a notice that we asked for. */
export interface NoticeNews {
  readonly tenantId: string;
  readonly noticeId: string;
  /** Null: it came back. */
  readonly mailing: ProvenMailing | null;
  readonly cause: QuittanceEvent;
}

/** Notices are mailed elsewhere; here they begin to count, and cease to. */
@Injectable()
export class NoticesService {
  constructor(
    private readonly delinquencies: DelinquencyRepository,
    private readonly following: DelinquenciesService,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  /**
   * @throws PoisonError for a notice that nobody asked for
   * @throws DomainError `notice_not_valid` for one that the law does not take for a notice
   */
  async hear(tx: Tx, news: readonly NoticeNews[]): Promise<void> {
    const keys = news.map(({ tenantId, noticeId: id }) => ({ tenantId, id }));
    const found = await this.delinquencies.policiesOfNotices(tx, keys);
    const known = new Set(found.map(keyOf));
    const stranger = keys.find((key) => !known.has(keyOf(key)));
    if (stranger) throw new PoisonError(`notice ${stranger.id} was never asked for`);
    await this.policies.lock(tx, found);
    const nowOf = await this.time.of(tx, new Set(keys.map(({ tenantId }) => tenantId)));
    const causes = new Map(news.map(({ tenantId, noticeId: id, cause }) => [keyOf({ tenantId, id }), cause]));
    const looks = found.map((policy) => ({ ...policy, cause: causes.get(keyOf(policy))! }));
    await this.following.change(tx, looks, nowOf, (debtor) => changesOf(debtor, news));
  }
}

/** What is not waited for any more, since it was paid or began anew, changes nothing. */
function changesOf(debtor: Debtor, news: readonly NoticeNews[]): Change[] {
  const own = news.filter(({ tenantId }) => tenantId === debtor.policy.tenantId);
  return debtor.open.flatMap((delinquency) => {
    let current = delinquency;
    const facts: { type: DelinquencyFactType; delinquency: Delinquency }[] = [];
    for (const { noticeId, mailing } of own) {
      if (mailing && awaits(current, noticeId)) {
        current = issueNotice(current, mailing, termsOf(debtor, current));
        facts.push({ type: 'notice_issued', delinquency: current });
      } else if (!mailing && current.notice?.id === noticeId && current.notice.state === 'mailed') {
        current = returnNotice(current);
        // In grace again it is the next notice that is told of.
        if (current.state === 'manual_review') facts.push({ type: 'referred', delinquency: current });
      }
    }
    return current === delinquency ? [] : [{ delinquency: current, facts }];
  });
}

function termsOf(debtor: Debtor, delinquency: Delinquency) {
  const { policy, settings, debts } = debtor;
  const { notice, id } = delinquency;
  const rule = settings.rules.find((each) => each.id === notice!.ruleId);
  if (!rule) throw new Error(`delinquency rule ${notice!.ruleId} is gone`);
  const owed = debts.filter(({ delinquencyId }) => delinquencyId === id);
  const term = unpaidTerm(policy, owed, planOf(debtor, delinquency));
  return { rule, policy: { timeZone: policy.timeZone, effectiveDate: term.effectiveDate } };
}
