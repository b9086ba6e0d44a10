import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Posting } from '../domain/entry.ts';
import { dayBefore, earnedPremium, earningStep } from '../domain/earned-premium.ts';
import type { PremiumCharge } from '../domain/earned-premium.ts';
import { line } from '../domain/lines.ts';
import { JournalService } from '../journal/journal.service.ts';
import { dayOf, key } from '../journal/posting-key.ts';
import { PremiumRepository, textOf } from './premium.repository.ts';
import type { ClaimedPolicy, EarnedStep } from './premium.repository.ts';

const POLICIES_AT_ONCE = 200;
/** There is nothing more to earn, until a transaction says otherwise. */
const FOR_EVER = 'infinity';

/** Premium becomes income as the cover that it pays for is given: Dr 2010, Cr 4010. */
@Injectable()
export class EarningService {
  constructor(
    private readonly premiums: PremiumRepository,
    private readonly journal: JournalService,
    private readonly clock: Clock,
  ) {}

  /** Kept of every tenant, so that earning may be switched on later and catches up. */
  async hear(tx: Tx, events: readonly QuittanceEvent<'policy_transaction.applied'>[]): Promise<void> {
    const said = events.map(({ tenantid: tenantId, data }) => ({
      ...{ tenantId, id: data.transactionId, policyLocator: data.policyLocator, termNumber: data.termNumber ?? 1 },
      ...{ type: data.type, effectiveOn: data.effectiveDate, invalidates: data.invalidates ?? null },
      charges: data.charges.flatMap(premiumOf),
      currency: data.charges[0]?.amount.currency ?? null,
    }));
    if (said.length > 0) await this.premiums.add(tx, said);
  }

  /** @returns how many policies were looked at; 0 when there is nothing more to earn today */
  async earn(tx: Tx, tenantId: string | null = null): Promise<number> {
    const today = dayOf(this.clock.now().toISOString());
    const claimed = await this.premiums.claim(tx, today, tenantId, POLICIES_AT_ONCE);
    if (claimed.length === 0) return 0;
    const [said, unearned] = await Promise.all([this.premiums.said(tx, claimed), this.premiums.unearned(tx, claimed)]);
    const steps = claimed.map((policy) => {
      const earning = earnedPremium(said.get(textOf(policy)) ?? [], policy.day);
      const { earnedMinor } = policy;
      const minor = earningStep(earning, { earnedMinor, unearnedMinor: unearned.get(textOf(policy)) ?? 0n });
      const isDone = earning.isOver && earnedMinor + minor === earning.earnedMinor;
      return { policy, minor, until: isDone ? FOR_EVER : policy.day };
    });
    await this.journal.record(
      tx,
      steps.flatMap(({ policy, minor }) => (minor === 0n ? [] : [postingOf(policy, minor)])),
    );
    const earned = steps.map(({ policy, ...step }): EarnedStep => ({ ...policy, ...step }));
    await this.premiums.earned(tx, earned);
    return claimed.length;
  }
}

function premiumOf({
  category,
  amount,
  handling = 'proratable',
  coverageStart,
  coverageEnd,
}: QuittanceEvent<'policy_transaction.applied'>['data']['charges'][number]): PremiumCharge[] {
  if (category !== 'premium' || !coverageStart || !coverageEnd) return [];
  return [{ amountMinor: fromWire(amount).minor, handling, coverageStart, coverageEnd }];
}

/** Of the last day that has passed: what is earned in a month is in that month. */
function postingOf({ tenantId, policyLocator, currency, day, steps }: ClaimedPolicy, minor: bigint) {
  const about = { policyLocator };
  const posting: Posting = {
    ...key('premium_earned', 'earning', `${policyLocator}:${steps + 1}`),
    effectiveOn: dayBefore(day),
    lines: [
      line('unearned_premium', { minor, currency }, about),
      line('earned_premium', { minor: -minor, currency }, about),
    ],
  };
  return { ...posting, tenantId };
}
