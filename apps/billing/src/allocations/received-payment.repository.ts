import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Credit } from '../domain/credit.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { ReceivedPayment } from './allocation.entity.ts';

const parts = [
  'amountMinor',
  'allocatedMinor',
  'unappliedMinor',
  'suspendedMinor',
  'refundedMinor',
  'disbursedMinor',
  'returnedMinor',
] as const;
type Row = Omit<ReceivedPayment, (typeof parts)[number]> & Record<(typeof parts)[number], string>;

const LOCK = `
  SELECT r.tenant_id AS "tenantId", r.locator, r.kind, r.version, r.currency, r.amount_minor AS "amountMinor", r.state,
         r.allocated_minor AS "allocatedMinor", r.unapplied_minor AS "unappliedMinor",
         r.suspended_minor AS "suspendedMinor", r.refunded_minor AS "refundedMinor",
         r.disbursed_minor AS "disbursedMinor", r.returned_minor AS "returnedMinor",
         r.effective_date AS "effectiveDate"
    FROM received_payments r
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator) USING (tenant_id, locator)
   ORDER BY r.tenant_id, r.locator FOR NO KEY UPDATE OF r`;

const INSERT = `
  INSERT INTO received_payments (tenant_id, locator, currency, amount_minor, state, allocated_minor, unapplied_minor,
    suspended_minor, effective_date, kind, version, credit_source, policy_locator, transaction_id, memo_id)
  SELECT r.tenant_id, r.locator, r.currency, r.amount, 'posted', r.allocated, r.unapplied, r.suspended,
         r.effective_date, r.kind, r.version, r.credit_source, r.policy_locator, r.transaction_id, r.memo_id
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::date[],
                $9::text[], $10::int[], $11::text[], $12::uuid[], $13::uuid[], $14::uuid[])
      AS r (tenant_id, locator, currency, amount, allocated, unapplied, suspended, effective_date, kind, version,
            credit_source, policy_locator, transaction_id, memo_id)`;

const UPDATE = `
  UPDATE received_payments r
     SET state = n.state, allocated_minor = n.allocated, unapplied_minor = n.unapplied, suspended_minor = n.suspended,
         refunded_minor = n.refunded, disbursed_minor = n.disbursed, returned_minor = n.returned, version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::int[])
      AS n (tenant_id, locator, state, allocated, unapplied, suspended, refunded, disbursed, returned, version)
   WHERE r.tenant_id = n.tenant_id AND r.locator = n.locator`;

export type NewReceipt = ReceivedPayment & { readonly credit: Credit | null };

@Injectable()
export class ReceivedPaymentRepository {
  /** Those that are known here, locked: before policies and funds. */
  async lock(tx: Tx, keys: readonly TenantKey[]): Promise<ReceivedPayment[]> {
    const rows = await tx.query<Row>(LOCK, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
    return rows.map((row) => {
      const amounts = Object.fromEntries(parts.map((part) => [part, BigInt(row[part])]));
      return { ...row, ...(amounts as Record<(typeof parts)[number], bigint>) };
    });
  }

  /** Received just now: nothing has left them yet. */
  async insert(tx: Tx, payments: readonly NewReceipt[]): Promise<void> {
    if (payments.length === 0) return;
    await tx.execute(INSERT, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ locator }) => locator),
      payments.map(({ currency }) => currency),
      payments.map(({ amountMinor }) => amountMinor),
      payments.map(({ allocatedMinor }) => allocatedMinor),
      payments.map(({ unappliedMinor }) => unappliedMinor),
      payments.map(({ suspendedMinor }) => suspendedMinor),
      payments.map(({ effectiveDate }) => effectiveDate),
      payments.map(({ kind }) => kind),
      payments.map(({ version }) => version),
      payments.map(({ credit }) => credit?.source ?? null),
      payments.map(({ credit }) => credit?.policyLocator ?? null),
      payments.map(({ credit }) => credit?.transactionId ?? null),
      payments.map(({ credit }) => credit?.memoId ?? null),
    ]);
  }

  /** The caller has locked them. */
  async update(tx: Tx, payments: readonly ReceivedPayment[]): Promise<void> {
    if (payments.length === 0) return;
    await tx.execute(UPDATE, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ locator }) => locator),
      payments.map(({ state }) => state),
      payments.map(({ allocatedMinor }) => allocatedMinor),
      payments.map(({ unappliedMinor }) => unappliedMinor),
      payments.map(({ suspendedMinor }) => suspendedMinor),
      payments.map(({ refundedMinor }) => refundedMinor),
      payments.map(({ disbursedMinor }) => disbursedMinor),
      payments.map(({ returnedMinor }) => returnedMinor),
      payments.map(({ version }) => version),
    ]);
  }
}
