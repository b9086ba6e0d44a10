import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { SubscriptionPeriod } from '../domain/subscription-period.ts';
import { SubscriptionPeriodEntity } from './subscription-period.entity.ts';

const INSERT = `
  INSERT INTO subscription_periods
    (tenant_id, id, subscription_id, number, starts_on, ends_on, invoice_id, state, attempt, first_on, next_step_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::date[], $6::date[], $7::uuid[], $8::text[],
    $9::int[], $10::date[], $11::timestamptz[])`;

const UPDATE = `
  UPDATE subscription_periods p
     SET state = n.state, attempt = n.attempt, next_step_at = n.next_step_at, failure_code = n.failure_code
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::text[])
      AS n (tenant_id, id, state, attempt, next_step_at, failure_code)
   WHERE p.tenant_id = n.tenant_id AND p.id = n.id`;

const OWED = `
  SELECT v.tenant_id AS "tenantId", v.id, v.balance_minor AS "balanceMinor" FROM invoices v
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id) USING (tenant_id, id)`;

/** Whoever changes a period holds the lock of its subscription. */
@Injectable()
export class SubscriptionPeriodRepository {
  async insert(tx: Tx, periods: readonly SubscriptionPeriod[]): Promise<void> {
    if (periods.length === 0) return;
    await tx.execute(INSERT, [
      periods.map(({ tenantId }) => tenantId),
      periods.map(({ id }) => id),
      periods.map(({ subscriptionId }) => subscriptionId),
      periods.map(({ number }) => number),
      periods.map(({ startsOn }) => startsOn),
      periods.map(({ endsOn }) => endsOn),
      periods.map(({ invoiceId }) => invoiceId),
      periods.map(({ state }) => state),
      periods.map(({ attempt }) => attempt),
      periods.map(({ firstOn }) => firstOn),
      periods.map(({ nextStepAt }) => nextStepAt),
    ]);
  }

  async update(tx: Tx, periods: readonly SubscriptionPeriod[]): Promise<void> {
    if (periods.length === 0) return;
    await tx.execute(UPDATE, [
      periods.map(({ tenantId }) => tenantId),
      periods.map(({ id }) => id),
      periods.map(({ state }) => state),
      periods.map(({ attempt }) => attempt),
      periods.map(({ nextStepAt }) => nextStepAt),
      periods.map(({ failureCode }) => failureCode),
    ]);
  }

  async findMany(tx: Tx, keys: readonly TenantKey[]): Promise<SubscriptionPeriod[]> {
    if (keys.length === 0) return [];
    const where = keys.map(({ tenantId, id }) => ({ tenantId, id }));
    return tx.manager.find(SubscriptionPeriodEntity, { where, order: { tenantId: 'ASC', id: 'ASC' } });
  }

  async ofInvoices(tx: Tx, invoices: readonly TenantKey[]): Promise<SubscriptionPeriod[]> {
    if (invoices.length === 0) return [];
    const where = invoices.map(({ tenantId, id: invoiceId }) => ({ tenantId, invoiceId }));
    return tx.manager.find(SubscriptionPeriodEntity, { where });
  }

  /** Every period of these subscriptions. */
  ofSubscriptions(tx: Tx, keys: readonly TenantKey[]): Promise<SubscriptionPeriod[]> {
    const where = keys.map(({ tenantId, id: subscriptionId }) => ({ tenantId, subscriptionId }));
    return tx.manager.find(SubscriptionPeriodEntity, { where, order: { tenantId: 'ASC', id: 'ASC' } });
  }

  waitingOf(tx: Tx, { tenantId, id: subscriptionId }: TenantKey): Promise<SubscriptionPeriod[]> {
    return tx.manager.findBy(SubscriptionPeriodEntity, { tenantId, subscriptionId, state: 'waiting' });
  }

  /** What is open of the invoices of periods, by the text of the invoices' keys. */
  async owed(tx: Tx, invoices: readonly TenantKey[]): Promise<(TenantKey & { balanceMinor: bigint })[]> {
    const rows = await tx.query<TenantKey & { balanceMinor: string }>(OWED, [
      invoices.map(({ tenantId }) => tenantId),
      invoices.map(({ id }) => id),
    ]);
    return rows.map((row) => ({ ...row, balanceMinor: BigInt(row.balanceMinor) }));
  }
}
