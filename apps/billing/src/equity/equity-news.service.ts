import { Injectable } from '@nestjs/common';
import { formatAmount } from '@quittance/money/money';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { equityOf } from '../domain/equity.ts';
import type { Equity } from '../domain/equity.ts';
import { localDate } from '../domain/zone.ts';
import type { SweepTime } from '../instalments/sweep-scope.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { PolicyEquityRepository } from './policy-equity.repository.ts';
import type { EquityBasis, ToldEquity } from './policy-equity.repository.ts';

const BATCH = 200;

/**
 * Says how far what was paid carries a policy, after a payment or a transaction changed that: in the sweep, once for
 * all that happened until then, so that money is applied no slower for it.
 */
@Injectable()
export class EquityNewsService {
  constructor(
    private readonly equities: PolicyEquityRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /** One batch. @returns how many were looked at */
  async run(tx: Tx, { now, tenantId }: SweepTime): Promise<number> {
    const claimed = await this.equities.claim(tx, { tenantId, limit: BATCH });
    if (claimed.length === 0) return 0;
    // Nothing here waits for a date: of a tenant on a test clock it is told when it happens, by that clock.
    const tenants = claimed.map((key) => key.tenantId);
    const nowOf = tenantId === null ? await this.time.of(tx, tenants) : () => now;
    const bases = await this.equities.read(
      tx,
      claimed.map((key) => ({ ...key, now: nowOf(key.tenantId) })),
    );
    const seen = bases.map((basis) => seenOf(basis, nowOf(basis.tenantId)));
    await Promise.all([
      this.equities.store(tx, seen),
      this.outbox.append(
        tx,
        seen.flatMap(({ news }) => news),
      ),
    ]);
    return claimed.length;
  }

  isAnyLeft(tx: Tx, tenantId: string): Promise<boolean> {
    return this.equities.isAnyLeft(tx, tenantId);
  }
}

function seenOf(basis: EquityBasis, now: Date) {
  const { tenantId, locator, term, termNumber, paidMinor, segments } = basis;
  const today = localDate(now, basis.timeZone);
  const equity = equityOf(segments, paidMinor, { term, on: today < term.end ? today : term.end });
  const premium = segments.filter(({ category }) => category === 'premium');
  const chargedMinor = premium.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const told: ToldEquity = { termNumber, paidMinor, chargedMinor, equityOn: equity.equityOn };
  const isNews = !isSame(told, basis.told);
  const version = basis.version + (isNews ? 1 : 0);
  return { tenantId, locator, told, version, news: isNews ? [equityChanged({ ...basis, version }, equity, now)] : [] };
}

function isSame(now: ToldEquity, before: ToldEquity | null): boolean {
  return (
    before !== null &&
    now.termNumber === before.termNumber &&
    now.paidMinor === before.paidMinor &&
    now.chargedMinor === before.chargedMinor &&
    now.equityOn === before.equityOn
  );
}

function equityChanged(basis: EquityBasis, equity: Equity, time: Date): NewEvent {
  const { tenantId, locator: policyLocator, policyholderLocator, termNumber, currency, version: sequence } = basis;
  const wire = (minor: bigint) => toWire({ minor, currency });
  const data = {
    ...{ policyLocator, policyholderLocator, termNumber },
    paidPremium: wire(equity.paidMinor),
    earnedPremium: wire(equity.earnedMinor),
    equity: wire(equity.equityMinor),
    equityDate: equity.equityOn,
    percent: formatAmount({ minor: equity.equityBasisPoints, currency: 'USD' }),
  };
  return { type: 'equity.changed', tenantId, subject: policyLocator, sequence, data, time };
}
