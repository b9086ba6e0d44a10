import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { DelinquencyFact } from '../domain/delinquency-course.ts';
import { feeOn, feeRuleInForce } from '../domain/fee.ts';
import { keyOf } from '../domain/identity.ts';
import { offerReinstatement } from '../domain/reinstatement-offer.ts';
import { localDate } from '../domain/zone.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { TakenBack } from '../withdrawals/withdrawal.ts';
import type { Debtor } from './debtor.ts';
import { DelinquenciesService } from './delinquencies.service.ts';
import type { Change } from './delinquencies.service.ts';
import { DelinquencyRepository } from './delinquency.repository.ts';
import { LateMoneyRepository } from './late-money.repository.ts';
import type { LateMoney } from './late-money.repository.ts';
import { TroubleFeesService } from './trouble-fees.service.ts';

type PostedPayment = QuittanceEvent<'payment.posted'>;

/** What money that came, went back or did not come means for what is past due: told after it was allocated. */
@Injectable()
export class PaymentEchoService {
  constructor(
    private readonly delinquencies: DelinquencyRepository,
    private readonly lateMoney: LateMoneyRepository,
    private readonly following: DelinquenciesService,
    private readonly fees: TroubleFeesService,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
  ) {}

  /** It settles what is past due, or takes a notice back. After a lapse it does neither, but may be an offer (S-63). */
  async posted(tx: Tx, events: readonly PostedPayment[]): Promise<void> {
    const found = await this.delinquencies.policiesOfPayments(tx, events.map(paymentKeyOf));
    if (found.length === 0) return;
    // Allocating has locked them already.
    await this.policies.lock(tx, found);
    const nowOf = await this.time.of(tx, new Set(found.map(({ tenantId }) => tenantId)));
    const byKey = new Map(events.map((event) => [keyOf(paymentKeyOf(event)), event]));
    const looks = found.map((policy) => ({ ...policy, cause: byKey.get(keyOf(policy))! }));
    const late = await this.lateMoney.of(tx, found);
    await this.lateMoney.keep(tx, late);
    await this.following.change(tx, looks, nowOf, (debtor) => offersOf(debtor, late));
  }

  /** Its fee, where it was the payer's fault. What it had paid is looked at by the next sweep, which wakes for it. */
  async takenBack(tx: Tx, events: readonly TakenBack[]): Promise<void> {
    const nowOf = await this.time.of(tx, new Set(events.map(({ tenantid }) => tenantid)));
    // Last: it takes the counters of invoice numbers.
    await this.fees.assessReturned(tx, events, nowOf);
  }

  /** What waited for a charge waits no more, and after a refusal for good there is nothing to wait for (S-77). */
  async failed(tx: Tx, policies: readonly PolicyKey[]): Promise<void> {
    const nowOf = await this.time.of(tx, new Set(policies.map(({ tenantId }) => tenantId)));
    await this.following.follow(tx, policies, nowOf);
  }
}

function paymentKeyOf({ tenantid: tenantId, data }: PostedPayment | TakenBack) {
  return { tenantId, id: data.locator };
}

/** One after the other: what a payment adds to those before it is as much as if each had come alone. */
function offersOf(debtor: Debtor, late: readonly LateMoney[]): Change[] {
  return debtor.open
    .filter(({ state }) => state === 'lapsed')
    .flatMap((delinquency) => {
      const own = late.filter(
        ({ tenantId, delinquencyId }) => tenantId === delinquency.tenantId && delinquencyId === delinquency.id,
      );
      let receivedMinor = lyingBefore(own);
      let current = delinquency;
      const facts = own.flatMap(({ appliedMinor, unappliedMinor }): DelinquencyFact[] => {
        receivedMinor += appliedMinor + unappliedMinor;
        const offer = offerFor(debtor, delinquency, receivedMinor);
        if (!offer) return [];
        current = { ...current, version: current.version + 1 };
        return [{ type: 'reinstatement_eligible', delinquency: current, offer }];
      });
      return facts.length === 0 ? [] : [{ delinquency: current, facts }];
    });
}

function lyingBefore(late: readonly LateMoney[]): bigint {
  return late.reduce((lying, { unappliedMinor }) => lying - unappliedMinor, late[0]?.lyingMinor ?? 0n);
}

/** What was past due before this money came has to be paid, and the fee. */
function offerFor({ policy, settings, now }: Debtor, lapsed: Debtor['open'][number], receivedMinor: bigint) {
  const plan = settings.plans.find(({ id }) => id === lapsed.planId);
  if (!plan || lapsed.cancelOn === null) return null;
  const { currency, jurisdiction, line } = policy;
  const today = localDate(now, policy.timeZone);
  const rule = feeRuleInForce(settings.feeRules, {
    type: 'reinstatement_fee',
    currency,
    jurisdiction,
    line,
    on: today,
  });
  const { cancelOn: lapsedOn, balanceMinor: pastDueMinor } = lapsed;
  const { toleranceMinor, reinstatementDays: windowDays } = plan;
  const feeMinor = feeOn(rule, pastDueMinor);
  return offerReinstatement({ lapsedOn, pastDueMinor, feeMinor, toleranceMinor, windowDays }, receivedMinor, today);
}
