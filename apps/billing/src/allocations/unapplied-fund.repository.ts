import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { MoneyKind } from '../domain/credit.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { FundOwner, UnappliedEntry, UnappliedFund } from './allocation.entity.ts';

/** What a payment left in a fund. */
export interface UnappliedShare extends FundOwner {
  readonly paymentLocator: string;
  readonly kind: MoneyKind;
  readonly amountMinor: bigint;
}

export function fundKey({ tenantId, ownerType, ownerLocator, currency }: FundOwner): string {
  return `${tenantId}/${ownerType}/${currency}/${ownerLocator}`;
}

const ENSURE = `
  INSERT INTO unapplied_funds (tenant_id, owner_type, owner_locator, currency, id, balance_minor, version)
  SELECT n.*, 0, 0 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[])
      AS n (tenant_id, owner_type, owner_locator, currency, id) ORDER BY 1, 2, 3, 4
  ON CONFLICT (tenant_id, owner_type, owner_locator, currency) DO NOTHING`;

const LOCK = `
  SELECT f.tenant_id AS "tenantId", f.owner_type AS "ownerType", f.owner_locator AS "ownerLocator", f.currency, f.id,
         f.balance_minor AS "balanceMinor", f.version
    FROM unapplied_funds f JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
      AS n (tenant_id, owner_type, owner_locator, currency) USING (tenant_id, owner_type, owner_locator, currency)
   ORDER BY f.tenant_id, f.owner_type, f.owner_locator, f.currency FOR NO KEY UPDATE OF f`;

const UPDATE = `
  UPDATE unapplied_funds f SET balance_minor = n.balance, version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::int[]) AS n (tenant_id, id, balance, version)
   WHERE f.tenant_id = n.tenant_id AND f.id = n.id`;

const INSERT_ENTRIES = `
  INSERT INTO unapplied_entries (tenant_id, fund_id, number, payment_locator, delta_minor, effective_date)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::bigint[], $6::date[])`;

const SHARES = `
  SELECT f.tenant_id AS "tenantId", f.owner_type AS "ownerType", f.owner_locator AS "ownerLocator", f.currency,
         e.payment_locator AS "paymentLocator", r.kind, sum(e.delta_minor) AS "amountMinor"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, payment_locator)
    JOIN unapplied_entries e USING (tenant_id, payment_locator)
    JOIN unapplied_funds f ON f.tenant_id = e.tenant_id AND f.id = e.fund_id
    JOIN received_payments r ON r.tenant_id = e.tenant_id AND r.locator = e.payment_locator
   GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(e.delta_minor) <> 0`;

const PAYMENTS = `
  SELECT e.tenant_id AS "tenantId", e.payment_locator AS id
    FROM unapplied_funds f JOIN unapplied_entries e ON e.tenant_id = f.tenant_id AND e.fund_id = f.id
   WHERE f.tenant_id = $1 AND f.owner_type = $2 AND f.owner_locator = $3 AND f.currency = $4
   GROUP BY 1, 2 HAVING sum(e.delta_minor) > 0`;

// By the index of owners, one currency after the other: a policy has one or two funds.
const PAYMENTS_OF_POLICIES = `
  SELECT e.tenant_id AS "tenantId", e.payment_locator AS id
    FROM unnest($1::uuid[], $2::text[]) AS wanted (tenant_id, locator)
   CROSS JOIN LATERAL (
    SELECT * FROM unapplied_funds f
     WHERE f.tenant_id = wanted.tenant_id AND f.owner_type = 'policy' AND f.owner_locator = wanted.locator
       AND f.balance_minor > 0 OFFSET 0) f
    JOIN unapplied_entries e ON e.tenant_id = f.tenant_id AND e.fund_id = f.id
   GROUP BY 1, 2 HAVING sum(e.delta_minor) > 0`;

@Injectable()
export class UnappliedFundRepository {
  /** The funds of these owners, made where they are missing, locked in one order. */
  async lock(tx: Tx, owners: readonly FundOwner[]): Promise<UnappliedFund[]> {
    if (owners.length === 0) return [];
    const key = [
      owners.map(({ tenantId }) => tenantId),
      owners.map(({ ownerType }) => ownerType),
      owners.map(({ ownerLocator }) => ownerLocator),
      owners.map(({ currency }) => currency),
    ];
    const [, rows] = await Promise.all([
      tx.execute(ENSURE, [...key, owners.map(() => newId())]),
      tx.query<Omit<UnappliedFund, 'balanceMinor'> & { balanceMinor: string }>(LOCK, key),
    ]);
    return rows.map((row) => ({ ...row, balanceMinor: BigInt(row.balanceMinor) }));
  }

  async save(tx: Tx, funds: readonly UnappliedFund[], entries: readonly UnappliedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await Promise.all([
      tx.execute(UPDATE, [
        funds.map(({ tenantId }) => tenantId),
        funds.map(({ id }) => id),
        funds.map(({ balanceMinor }) => balanceMinor),
        funds.map(({ version }) => version),
      ]),
      tx.execute(INSERT_ENTRIES, [
        entries.map(({ tenantId }) => tenantId),
        entries.map(({ fundId }) => fundId),
        entries.map(({ number }) => number),
        entries.map(({ paymentLocator }) => paymentLocator),
        entries.map(({ deltaMinor }) => deltaMinor),
        entries.map(({ effectiveDate }) => effectiveDate),
      ]),
    ]);
  }

  /** The payments that have a share in a fund now; they change only under the locks of theirs. */
  paymentsOf(tx: Tx, { tenantId, ownerType, ownerLocator, currency }: FundOwner): Promise<TenantKey[]> {
    return tx.query<TenantKey>(PAYMENTS, [tenantId, ownerType, ownerLocator, currency]);
  }

  /** The payments that have a share in a fund of these policies now. */
  paymentsOfPolicies(tx: Tx, policies: readonly PolicyKey[]): Promise<TenantKey[]> {
    return tx.query<TenantKey>(PAYMENTS_OF_POLICIES, [
      policies.map(({ tenantId }) => tenantId),
      policies.map(({ locator }) => locator),
    ]);
  }

  /** What these payments still have in funds. */
  async shares(tx: Tx, payments: readonly TenantKey[]): Promise<UnappliedShare[]> {
    const rows = await tx.query<Omit<UnappliedShare, 'amountMinor'> & { amountMinor: string }>(SHARES, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ id }) => id),
    ]);
    return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
  }
}
