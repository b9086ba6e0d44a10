import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { ReceivedPayment } from './allocation.entity.ts';

export type FoundPayment = TenantKey & { readonly currency: string; readonly state: 'posted' | 'reversed' };

const FIND = `
  SELECT r.tenant_id AS "tenantId", r.locator AS id, r.currency, r.state
    FROM received_payments r
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator) USING (tenant_id, locator)
   ORDER BY r.tenant_id, r.locator FOR NO KEY UPDATE OF r`;

const INSERT = `
  INSERT INTO received_payments (tenant_id, locator, currency, amount_minor, state, allocated_minor, unapplied_minor,
    suspended_minor, effective_date)
  SELECT r.tenant_id, r.locator, r.currency, r.amount, 'posted', r.allocated, r.unapplied, r.suspended, r.effective_date
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::date[])
      AS r (tenant_id, locator, currency, amount, allocated, unapplied, suspended, effective_date)`;

const REVERSE = `
  UPDATE received_payments r SET state = 'reversed', allocated_minor = 0, unapplied_minor = 0, suspended_minor = 0
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, locator)
   WHERE r.tenant_id = n.tenant_id AND r.locator = n.locator`;

@Injectable()
export class ReceivedPaymentRepository {
  /** Those that are known here, locked. */
  lock(tx: Tx, keys: readonly TenantKey[]): Promise<FoundPayment[]> {
    return tx.query<FoundPayment>(FIND, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
  }

  async insert(tx: Tx, payments: readonly ReceivedPayment[]): Promise<void> {
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
    ]);
  }

  async reverse(tx: Tx, keys: readonly TenantKey[]): Promise<void> {
    await tx.execute(REVERSE, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
  }
}
