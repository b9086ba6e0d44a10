import { Injectable } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { MoneyKind } from '../domain/credit.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { covering } from '../domain/withdrawal.ts';
import { localDate } from '../domain/zone.ts';
import type { FundOwner, UnappliedEntry, UnappliedFund } from './allocation.entity.ts';
import { sourceOf } from './allocation-batch.ts';
import type { Occasion } from './occasion.ts';
import { fundKey, UnappliedFundRepository } from './unapplied-fund.repository.ts';
import type { UnappliedShare } from './unapplied-fund.repository.ts';

/** Money of a known owner that pays nothing yet, more of it or less. */
export interface FundChange extends FundOwner {
  readonly paymentLocator: string;
  readonly kind: MoneyKind;
  readonly deltaMinor: bigint;
  /** The business date, as of the allocation that goes with it; else the day of the occasion. */
  readonly effectiveDate?: CalendarDate;
  readonly occasion: Occasion;
}

@Injectable()
export class UnappliedFundsService {
  constructor(
    private readonly funds: UnappliedFundRepository,
    private readonly outbox: Outbox,
  ) {}

  /** Takes locks: after those of the policies. */
  async change(tx: Tx, changes: readonly FundChange[]): Promise<void> {
    if (changes.length === 0) return;
    const owners = [...new Map(changes.map((change) => [fundKey(change), change])).values()];
    const funds = new Map((await this.funds.lock(tx, owners)).map((fund) => [fundKey(fund), fund]));
    const entries: UnappliedEntry[] = [];
    const events: NewEvent[] = [];
    for (const change of changes) {
      const before = funds.get(fundKey(change));
      if (!before) throw new Error('an unapplied fund is missing');
      const fund = { ...before, balanceMinor: before.balanceMinor + change.deltaMinor, version: before.version + 1 };
      funds.set(fundKey(fund), fund);
      entries.push(entryOf(fund, change));
      events.push(unappliedChanged(fund, change));
    }
    await Promise.all([this.funds.save(tx, [...funds.values()], entries), this.outbox.append(tx, events)]);
  }
}

/** An amount out of shares, the first ones first. */
export function takeShares(shares: readonly UnappliedShare[], amountMinor: bigint, occasion: Occasion): FundChange[] {
  const { rows, spareMinor } = covering(amountMinor, shares);
  return rows.map(({ amountMinor: share, ...about }, index) => ({
    ...about,
    deltaMinor: (index === rows.length - 1 ? spareMinor : 0n) - share,
    occasion,
  }));
}

function entryOf(fund: UnappliedFund, { paymentLocator, deltaMinor, ...change }: FundChange): UnappliedEntry {
  const { tenantId, id: fundId, version: number } = fund;
  const effectiveDate = change.effectiveDate ?? localDate(change.occasion.time, 'UTC');
  return { tenantId, fundId, number, paymentLocator, deltaMinor, effectiveDate };
}

function unappliedChanged(fund: UnappliedFund, change: FundChange): NewEvent {
  const { deltaMinor, occasion } = change;
  const { tenantId, currency } = fund;
  return {
    type: 'unapplied.changed',
    tenantId,
    subject: fund.id,
    sequence: fund.version,
    data: {
      owner: { type: fund.ownerType, locator: fund.ownerLocator },
      ...sourceOf(change),
      delta: toWire({ minor: deltaMinor, currency }),
      balance: toWire({ minor: fund.balanceMinor, currency }),
    },
    ...occasion,
  };
}
