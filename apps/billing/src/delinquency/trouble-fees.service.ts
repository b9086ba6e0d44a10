import { Injectable } from '@nestjs/common';
import { fromWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { feeOn, feeRuleInForce } from '../domain/fee.ts';
import type { FeeType } from '../domain/fee.ts';
import { localDate } from '../domain/zone.ts';
import { FeesService } from '../fees/fees.service.ts';
import type { NewFee } from '../fees/fees.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { TakenBack } from '../withdrawals/withdrawal.ts';
import { AssessedFeeRepository } from './assessed-fee.repository.ts';
import type { Followed } from './debtor.ts';
import { DelinquencySettingsRepository } from './delinquency-settings.repository.ts';
import { PastDueRepository } from './past-due.repository.ts';
import type { DebtorPolicy } from './past-due.repository.ts';

/** Fees for trouble, by the tenant's fee rules: none where it has none. Each debt or payment has one of a kind once. */
@Injectable()
export class TroubleFeesService {
  constructor(
    private readonly fees: FeesService,
    private readonly assessed: AssessedFeeRepository,
    private readonly settings: DelinquencySettingsRepository,
    private readonly pastDue: PastDueRepository,
  ) {}

  /**
   * S-87: for a payment that came back by the payer's fault, due at once. Not for one that was entered in error (S-88).
   * The caller holds the locks of the policies.
   */
  async assessReturned(tx: Tx, events: readonly TakenBack[], nowOf: NowOf): Promise<void> {
    const pejorative = events.filter(isPejorative);
    if (pejorative.length === 0) return;
    const paid = await this.assessed.policiesOf(
      tx,
      pejorative.map(({ tenantid: tenantId, data }) => ({ tenantId, id: data.locator })),
    );
    if (paid.length === 0) return;
    const [policies, settingsOf] = await Promise.all([
      this.pastDue.policiesOf(tx, paid),
      this.settings.of(
        tx,
        paid.map(({ tenantId }) => tenantId),
      ),
    ]);
    const fees = pejorative.flatMap((event): NewFee[] => {
      const { tenantid: tenantId, data } = event;
      const owner = paid.find((each) => each.tenantId === tenantId && each.paymentLocator === data.locator);
      const policy = policies.find((each) => each.tenantId === tenantId && each.locator === owner?.locator);
      if (!owner || !policy) return [];
      const on = localDate(nowOf(tenantId), policy.timeZone);
      const rule = feeRuleInForce(settingsOf(tenantId).feeRules, { ...questionOf(policy, 'nsf_fee'), on });
      const amountMinor = feeOn(rule, fromWire(data.amount).minor);
      const { termNumber } = owner;
      return [{ ...feeOf(policy, 'nsf_fee', amountMinor), termNumber, dueOn: on, causeId: data.locator, cause: event }];
    });
    await this.assess(tx, fees, nowOf);
  }

  /** For what is late, and for a policy that goes on after a lapse. */
  async assessFollowed(tx: Tx, all: readonly Followed[]): Promise<void> {
    const fees = all.flatMap((each) => [...lateFeesOf(each), ...reinstatementFeesOf(each)]);
    const nows = new Map(all.map(({ debtor }) => [debtor.policy.tenantId, debtor.now]));
    await this.assess(tx, fees, (tenantId) => nows.get(tenantId)!);
  }

  private async assess(tx: Tx, fees: readonly NewFee[], nowOf: NowOf): Promise<void> {
    const wanted = fees.filter(({ amountMinor }) => amountMinor > 0n);
    const fresh = await this.assessed.insert(
      tx,
      wanted.map(({ tenantId, id: feeId, type, causeId, policy, dueOn }) => {
        return { tenantId, type, causeId, policyLocator: policy.locator, assessedOn: dueOn, feeId };
      }),
    );
    await this.fees.assess(
      tx,
      wanted.filter(({ id }) => fresh.has(id)),
      nowOf,
    );
  }
}

function lateFeesOf({ debtor: { policy, now, cause }, lateFees }: Followed): NewFee[] {
  const dueOn = localDate(now, policy.timeZone);
  return lateFees.map(({ debt: { termNumber, id: causeId }, amountMinor }) => {
    return { ...feeOf(policy, 'late_fee', amountMinor), termNumber, dueOn, causeId, cause };
  });
}

function reinstatementFeesOf({ debtor, delinquency, isReinstated }: Followed): NewFee[] {
  if (!isReinstated) return [];
  const { policy, now, cause, settings } = debtor;
  const dueOn = localDate(now, policy.timeZone);
  const rule = feeRuleInForce(settings.feeRules, { ...questionOf(policy, 'reinstatement_fee'), on: dueOn });
  const fee = feeOf(policy, 'reinstatement_fee', feeOn(rule, delinquency.balanceMinor));
  const { number: termNumber } = policy.terms.findLast(({ state }) => state === 'in_force') ?? policy.terms.at(-1)!;
  return [{ ...fee, termNumber, dueOn, causeId: delinquency.id, cause }];
}

function isPejorative({ data }: TakenBack): boolean {
  return data.return?.pejorative ?? data.reversal?.pejorative ?? false;
}

function questionOf({ currency, jurisdiction, line }: DebtorPolicy, type: FeeType) {
  return { type, currency, jurisdiction, line };
}

function feeOf(policy: DebtorPolicy, type: FeeType, amountMinor: bigint) {
  const { tenantId, currency } = policy;
  return { tenantId, id: newId(), policy, type, currency, amountMinor };
}
