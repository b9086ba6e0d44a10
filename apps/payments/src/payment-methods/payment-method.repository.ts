import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PaymentMethod } from '../domain/payment-method.ts';
import { rowMap } from '../rows.ts';
import { PaymentMethodEntity } from './payment-method.entity.ts';

export type MethodKey = Pick<PaymentMethod, 'tenantId' | 'id'>;

export interface MethodPage {
  readonly tenantId: string;
  readonly policyholderLocator: string | undefined;
  readonly beforeId: string | null;
  readonly limit: number;
}

/** A method near or past its last day, with its tenant's date and the last day that is warned of on it. */
export interface Expiring {
  readonly method: PaymentMethod;
  readonly today: string;
  readonly warnFrom: string;
}

const rows = rowMap(PaymentMethodEntity);
const mutable = [
  ...['version', 'type', 'brand', 'last4', 'expires_on', 'currency', 'fingerprint', 'mandate', 'state', 'is_default'],
  ...['expiry_told_for', 'updated_at'],
];
const insertSql = `
  INSERT INTO payment_methods (${rows.columns()})
  SELECT ${rows.columns('r.')} FROM jsonb_populate_recordset(NULL::payment_methods, $1::jsonb) r`;
const updateSql = `
  UPDATE payment_methods m SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM jsonb_populate_recordset(NULL::payment_methods, $1::jsonb) r
   WHERE m.tenant_id = r.tenant_id AND m.id = r.id`;
const findManySql = `
  SELECT ${rows.columns('m.')} FROM payment_methods m
    JOIN unnest($1::uuid[], $2::uuid[]) k (tenant_id, id) ON m.tenant_id = k.tenant_id AND m.id = k.id`;
const lockSql = `SELECT ${rows.columns()} FROM payment_methods WHERE tenant_id = $1 AND id = $2 FOR UPDATE`;
const lockOfSameHolderSql = `
  SELECT ${rows.columns()} FROM payment_methods
   WHERE tenant_id = $1
     AND policyholder_locator = (SELECT policyholder_locator FROM payment_methods WHERE tenant_id = $1 AND id = $2)
   ORDER BY id FOR UPDATE`;
const lockOfTokenSql = `
  SELECT ${rows.columns()} FROM payment_methods
   WHERE provider = $1 AND token = $2 AND ($3::uuid IS NULL OR tenant_id = $3) ORDER BY tenant_id, id FOR UPDATE`;
// A tenant on a test clock lives on its latest day.
const lockExpiringSql = `
  WITH clocks AS (SELECT tenant_id, max(business_on) AS on_day FROM test_clock_days GROUP BY tenant_id)
  SELECT ${rows.columns('m.')}, coalesce(c.on_day, $1::date)::text AS today,
         (coalesce(c.on_day, $1::date) + $2::int)::text AS "warnFrom"
    FROM payment_methods m LEFT JOIN clocks c ON c.tenant_id = m.tenant_id
   WHERE m.state = 'active' AND m.expires_on <= coalesce(c.on_day, $1::date) + $2::int
     AND (m.expires_on < coalesce(c.on_day, $1::date) OR m.expiry_told_for IS DISTINCT FROM m.expires_on)
   ORDER BY m.expires_on LIMIT $3 FOR UPDATE OF m SKIP LOCKED`;

@Injectable()
export class PaymentMethodRepository {
  async insert(tx: Tx, method: PaymentMethod): Promise<void> {
    await tx.execute(insertSql, [rows.toJson([method])]);
  }

  /** For methods that this transaction holds locked. */
  async update(tx: Tx, methods: readonly PaymentMethod[]): Promise<void> {
    if (methods.length > 0) await tx.execute(updateSql, [rows.toJson(methods)]);
  }

  find(tx: Tx, { tenantId, id }: MethodKey): Promise<PaymentMethod | null> {
    return tx.manager.findOneBy(PaymentMethodEntity, { tenantId, id });
  }

  async findMany(tx: Tx, keys: readonly MethodKey[]): Promise<PaymentMethod[]> {
    if (keys.length === 0) return [];
    const found = await tx.query<object>(findManySql, [keys.map((key) => key.tenantId), keys.map((key) => key.id)]);
    return found.map((row) => rows.fromRow(row));
  }

  async lock(tx: Tx, { tenantId, id }: MethodKey): Promise<PaymentMethod | null> {
    const [row] = await tx.query<object>(lockSql, [tenantId, id]);
    return row ? rows.fromRow(row) : null;
  }

  /** Every method of the policyholder whose this one is. */
  async lockOfSameHolder(tx: Tx, { tenantId, id }: MethodKey): Promise<PaymentMethod[]> {
    const found = await tx.query<object>(lockOfSameHolderSql, [tenantId, id]);
    return found.map((row) => rows.fromRow(row));
  }

  /** The token alone tells no tenant. */
  async lockOfToken(
    tx: Tx,
    { provider, token, tenantId }: { provider: string; token: string; tenantId: string | null },
  ): Promise<PaymentMethod[]> {
    const found = await tx.query<object>(lockOfTokenSql, [provider, token, tenantId]);
    return found.map((row) => rows.fromRow(row));
  }

  /** What is past its last day, or near one that nobody was told of. */
  async lockExpiring(tx: Tx, on: { today: string; days: number; limit: number }): Promise<Expiring[]> {
    const found = await tx.query<Omit<Expiring, 'method'>>(lockExpiringSql, [on.today, on.days, on.limit]);
    return found.map(({ today, warnFrom, ...row }) => ({ method: rows.fromRow(row), today, warnFrom }));
  }

  /** Newest first, below `beforeId`. */
  async page(tx: Tx, { tenantId, policyholderLocator, beforeId, limit }: MethodPage): Promise<PaymentMethod[]> {
    const values: unknown[] = [tenantId, limit];
    const where = ['tenant_id = $1'];
    if (policyholderLocator !== undefined) {
      where.push(`policyholder_locator = $${values.push(policyholderLocator)}`);
    }
    if (beforeId !== null) where.push(`id < $${values.push(beforeId)}`);
    const sql = `SELECT ${rows.columns()} FROM payment_methods WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT $2`;
    const found = await tx.query<object>(sql, values);
    return found.map((row) => rows.fromRow(row));
  }
}
