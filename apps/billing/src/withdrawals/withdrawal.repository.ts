import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { RefundRow, ShortfallRow } from './withdrawal.entity.ts';

const KNOWN_REFUNDS = `
  SELECT r.tenant_id AS "tenantId", r.id FROM refunds r
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id) USING (tenant_id, id)`;

const INSERT_REFUNDS = `
  INSERT INTO refunds (tenant_id, id, payment_locator, currency, amount_minor, covered_minor, effective_date, state)
  SELECT *, 'made' FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::date[])`;

const INSERT_SHORTFALLS = `
  INSERT INTO shortfalls (tenant_id, id, payment_locator, policy_locator, policyholder_locator, currency,
    amount_minor, cause, effective_date)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[],
    $8::text[], $9::date[])`;

const VOID = `
  UPDATE refunds r SET state = 'voided' FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id)
   WHERE r.tenant_id = n.tenant_id AND r.id = n.id AND r.state = 'made'
  RETURNING r.tenant_id AS "tenantId", r.id, r.payment_locator AS "paymentLocator", r.currency,
            r.covered_minor AS "coveredMinor"`;

export type VoidedRefund = Pick<RefundRow, 'tenantId' | 'id' | 'paymentLocator' | 'currency' | 'coveredMinor'>;

@Injectable()
export class WithdrawalRepository {
  /** Those that were counted before. */
  knownRefunds(tx: Tx, keys: readonly TenantKey[]): Promise<TenantKey[]> {
    return tx.query<TenantKey>(KNOWN_REFUNDS, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
  }

  async insertRefunds(tx: Tx, refunds: readonly Omit<RefundRow, 'state'>[]): Promise<void> {
    if (refunds.length === 0) return;
    await tx.execute(INSERT_REFUNDS, [
      refunds.map(({ tenantId }) => tenantId),
      refunds.map(({ id }) => id),
      refunds.map(({ paymentLocator }) => paymentLocator),
      refunds.map(({ currency }) => currency),
      refunds.map(({ amountMinor }) => amountMinor),
      refunds.map(({ coveredMinor }) => coveredMinor),
      refunds.map(({ effectiveDate }) => effectiveDate),
    ]);
  }

  /** Those of them that stood until now. */
  async voidRefunds(tx: Tx, keys: readonly TenantKey[]): Promise<VoidedRefund[]> {
    const rows = await tx.query<Omit<VoidedRefund, 'coveredMinor'> & { coveredMinor: string }>(VOID, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ id }) => id),
    ]);
    return rows.map((row) => ({ ...row, coveredMinor: BigInt(row.coveredMinor) }));
  }

  async insertShortfalls(tx: Tx, shortfalls: readonly ShortfallRow[]): Promise<void> {
    if (shortfalls.length === 0) return;
    await tx.execute(INSERT_SHORTFALLS, [
      shortfalls.map(({ tenantId }) => tenantId),
      shortfalls.map(({ id }) => id),
      shortfalls.map(({ paymentLocator }) => paymentLocator),
      shortfalls.map(({ policyLocator }) => policyLocator),
      shortfalls.map(({ policyholderLocator }) => policyholderLocator),
      shortfalls.map(({ currency }) => currency),
      shortfalls.map(({ amountMinor }) => amountMinor),
      shortfalls.map(({ cause }) => cause),
      shortfalls.map(({ effectiveDate }) => effectiveDate),
    ]);
  }
}
