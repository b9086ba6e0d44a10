import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Payment, Reversal, SourceType } from '../domain/payment.ts';
import { rowMap } from '../rows.ts';
import type { PaymentFilter } from './payment-request.ts';
import { PaymentEntity } from './payment.entity.ts';

export interface PaymentKey {
  readonly tenantId: string;
  readonly id: string;
}

export interface SourceKey {
  readonly tenantId: string;
  readonly sourceType: SourceType;
  readonly sourceId: string;
}

const rows = rowMap(PaymentEntity);
const columns = rows.columns();
const mutable = [
  ...['version', 'state', 'amount_minor', 'currency', 'method', 'payment_method_id', 'source_attempt', 'attempt_no'],
  ...['policy_locator', 'policyholder_locator', 'invoice_locator', 'statement_locator', 'merchant_id', 'location_id'],
  ...['field_values', 'failure', 'provider'],
  ...['provider_ref', 'refunded_minor', 'refund_pending_minor', 'disputed_minor', 'lost_minor', 'settlement'],
  ...['received_on', 'effective_on', 'updated_at', 'authorised_at', 'authorisation_expires_at', 'posted_at'],
  ...['returned', 'reversed_at', 'returned_at'],
];
const sent = 'jsonb_populate_recordset(NULL::payments, $1::jsonb) r';
const insertSql = `INSERT INTO payments (${columns}) SELECT ${rows.columns('r.')} FROM ${sent}`;
const insertOneSql = `INSERT INTO payments (${columns}) VALUES (${rows.placeholders})`;
const updateSql = `
  UPDATE payments p SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM ${sent} WHERE p.tenant_id = r.tenant_id AND p.id = r.id`;
const lockSql = `SELECT ${columns} FROM payments WHERE tenant_id = $1 AND id = $2 FOR UPDATE`;
// One order of locking for all who lock several payments, so that they wait for each other instead of dead-locking.
const lockManySql = `
  SELECT ${rows.columns('p.')} FROM payments p
    JOIN unnest($1::uuid[], $2::uuid[]) k (tenant_id, id) ON p.tenant_id = k.tenant_id AND p.id = k.id
   ORDER BY p.tenant_id, p.id FOR UPDATE OF p`;
const lockOfSourcesSql = `
  SELECT ${rows.columns('p.')} FROM payments p
    JOIN unnest($1::uuid[], $2::text[], $3::text[]) k (tenant_id, source_type, source_id)
      ON p.tenant_id = k.tenant_id AND p.source_type = k.source_type AND p.source_id = k.source_id
   ORDER BY p.tenant_id, p.id FOR UPDATE OF p`;
const lockOfChargeSql = `
  SELECT ${columns} FROM payments
   WHERE provider = $1 AND provider_ref = $2 AND ($3::uuid IS NULL OR tenant_id = $3) AND posted_at IS NOT NULL
   FOR UPDATE`;
const isPostedSql = `
  SELECT 1 FROM payments WHERE tenant_id = $1 AND provider = $2 AND provider_ref = $3 AND posted_at IS NOT NULL`;
const insertReversalSql = `
  INSERT INTO reversals (tenant_id, id, payment_id, reason, pejorative, executed_on, name, details, executed_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;

// A tenant on a test clock has noon of its day; others have now.
const nowOf = {
  real: '$1::timestamptz',
  testClocks: `coalesce((SELECT (max(d.business_on) + time '12:00') AT TIME ZONE 'UTC' FROM test_clock_days d
                          WHERE d.tenant_id = p.tenant_id), $1::timestamptz)`,
};
// By our clock and not by the provider's, so a little later than said.
const lockExpiredSql = (now: string) => `
  SELECT ${rows.columns('p.')} FROM payments p
   WHERE p.state = 'authorised' AND p.authorisation_expires_at < ${now} - interval '15 minutes'
     AND NOT EXISTS (SELECT 1 FROM payment_attempts a WHERE a.tenant_id = p.tenant_id AND a.payment_id = p.id
                        AND a.state NOT IN ('succeeded', 'failed'))
   ORDER BY p.authorisation_expires_at LIMIT $2 FOR UPDATE OF p SKIP LOCKED`;
const lockExpired = { real: lockExpiredSql(nowOf.real), testClocks: lockExpiredSql(nowOf.testClocks) };

/** Our states as the outside sees them, in the words of the index. */
const shownState = `(CASE WHEN state IN ('processing', 'requires_action', 'authorised') THEN 'ready'
  WHEN state = 'reversed' THEN 'returned' ELSE state END)`;

/** What each filter adds to the list's WHERE; a text per set of filters, so each is planned for its own index. */
const conditions: Readonly<Record<keyof PaymentFilter, (n: number) => string>> = {
  state: (n) => `${shownState} = $${n}`,
  policyLocator: (n) => `policy_locator = $${n}`,
  policyholderLocator: (n) => `policyholder_locator = $${n}`,
  invoiceLocator: (n) => `invoice_locator = $${n}`,
  statementLocator: (n) => `statement_locator = $${n}`,
  merchantId: (n) => `merchant_id = $${n}`,
  locationId: (n) => `location_id = $${n}`,
  createdBefore: (n) => `created_at < $${n}`,
  postedAfter: (n) => `posted_at > $${n}`,
};

// The newest first; among those posted after an instant, those posted last, so that one index finds and orders them.
const byId = { order: 'id DESC', below: (n: number) => `id < $${n}` };
const byPosting = {
  order: 'posted_at DESC, id DESC',
  below: (n: number) =>
    `(posted_at, id) < ((SELECT posted_at FROM payments WHERE tenant_id = $1 AND id = $${n}), $${n})`,
};

/**
 * No payment that was created before the instant has a later id: ids begin with the milliseconds of their making. The
 * seconds are for clocks that were set back. So the index of ids skips what is too new.
 */
function idsFrom(instant: Date): string {
  const ms = Math.max(0, Math.min(instant.getTime() + 10_000, 2 ** 48 - 1));
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

@Injectable()
export class PaymentRepository {
  async insert(tx: Tx, payments: readonly Payment[]): Promise<void> {
    const [payment, another] = payments;
    if (!payment) return;
    if (another) await tx.execute(insertSql, [rows.toJson(payments)]);
    else await tx.execute(insertOneSql, rows.values(payment));
  }

  /** For payments that this transaction holds locked. */
  async update(tx: Tx, payments: readonly Payment[]): Promise<void> {
    if (payments.length > 0) await tx.execute(updateSql, [rows.toJson(payments)]);
  }

  find(tx: Tx, { tenantId, id }: PaymentKey): Promise<Payment | null> {
    return tx.manager.findOneBy(PaymentEntity, { tenantId, id });
  }

  async lock(tx: Tx, { tenantId, id }: PaymentKey): Promise<Payment | null> {
    const [row] = await tx.query<object>(lockSql, [tenantId, id]);
    return row ? rows.fromRow(row) : null;
  }

  async lockMany(tx: Tx, keys: readonly PaymentKey[]): Promise<Payment[]> {
    const found = await tx.query<object>(lockManySql, [keys.map((key) => key.tenantId), keys.map((key) => key.id)]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Every payment of these sources, oldest first. */
  async lockOfSources(tx: Tx, sources: readonly SourceKey[]): Promise<Payment[]> {
    const found = await tx.query<object>(lockOfSourcesSql, [
      sources.map((source) => source.tenantId),
      sources.map((source) => source.sourceType),
      sources.map((source) => source.sourceId),
    ]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Authorisations that are over, the earliest first, but those being captured or voided. */
  async lockExpired(tx: Tx, { now, limit, onTestClocks }: { now: Date; limit: number; onTestClocks: boolean }) {
    const sql = onTestClocks ? lockExpired.testClocks : lockExpired.real;
    const found = await tx.query<object>(sql, [now, limit]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Newest first, below `beforeId`. */
  async page(tx: Tx, page: { tenantId: string; filter: PaymentFilter; beforeId: string | null; limit: number }) {
    const { tenantId, filter, beforeId, limit } = page;
    const values: unknown[] = [tenantId, limit];
    const where = ['tenant_id = $1'];
    for (const [name, condition] of Object.entries(conditions)) {
      const value = filter[name as keyof PaymentFilter];
      if (value !== undefined) where.push(condition(values.push(value)));
    }
    const { order, below } = filter.postedAfter === undefined ? byId : byPosting;
    if (filter.createdBefore !== undefined) where.push(`id < $${values.push(idsFrom(filter.createdBefore))}`);
    if (beforeId !== null) where.push(below(values.push(beforeId)));
    const sql = `SELECT ${columns} FROM payments WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT $2`;
    const found = await tx.query<object>(sql, values);
    return found.map((row) => rows.fromRow(row));
  }

  /** The payment that a provider's charge was posted as; null, too, when it could be one of several. */
  async lockOfCharge(
    tx: Tx,
    charge: { provider: string; chargeRef: string; tenantId: string | null },
  ): Promise<Payment | null> {
    const found = await tx.query<object>(lockOfChargeSql, [charge.provider, charge.chargeRef, charge.tenantId]);
    const [row] = found;
    return row && found.length === 1 ? rows.fromRow(row) : null;
  }

  /** Whether a provider's charge is a posted payment, or was one. */
  async isPosted(tx: Tx, charge: { tenantId: string; provider: string; providerRef: string }): Promise<boolean> {
    const { tenantId, provider, providerRef } = charge;
    return (await tx.query(isPostedSql, [tenantId, provider, providerRef])).length > 0;
  }

  async insertReversal(tx: Tx, payment: Payment, reversal: Reversal): Promise<void> {
    const { id, reason, pejorative, executedOn, name, details } = reversal;
    const values = [payment.tenantId, id, payment.id, reason, pejorative, executedOn, name, details];
    await tx.execute(insertReversalSql, [...values, payment.reversedAt]);
  }
}
