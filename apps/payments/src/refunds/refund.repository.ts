import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Refund } from '../domain/refund.ts';
import { rowMap } from '../rows.ts';
import { RefundEntity } from './refund.entity.ts';

export type RefundKey = Pick<Refund, 'tenantId' | 'id'>;
/** A refund and the payment that is locked before it. */
export type RefundOfPayment = Pick<Refund, 'tenantId' | 'id' | 'paymentId'>;

const rows = rowMap(RefundEntity);
const mutable = [
  ...['version', 'state', 'destination', 'decided_by', 'provider_ref', 'attempt_no', 'failure', 'disbursement_id'],
  ...['note', 'business_on', 'checks', 'next_check_at', 'alarmed_at', 'effective_on', 'submitted_at', 'finished_at'],
];
const names = 'tenant_id AS "tenantId", id, payment_id AS "paymentId"';
const insertSql = `INSERT INTO refunds (${rows.columns()}) VALUES (${rows.placeholders})`;
const updateSql = `
  UPDATE refunds a SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM jsonb_populate_recordset(NULL::refunds, $1::jsonb) r WHERE a.tenant_id = r.tenant_id AND a.id = r.id`;
const lockManySql = `
  SELECT ${rows.columns('a.')} FROM refunds a
    JOIN unnest($1::uuid[], $2::uuid[]) k (tenant_id, id) ON a.tenant_id = k.tenant_id AND a.id = k.id
   ORDER BY a.tenant_id, a.id FOR UPDATE OF a`;
const pageSql = `
  SELECT ${rows.columns()} FROM refunds
   WHERE tenant_id = $1 AND payment_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`;
const findNamedSql = `SELECT ${names} FROM refunds WHERE id = ANY($1::uuid[])`;
const findToSendSql = `
  SELECT ${names} FROM refunds WHERE state IN ('requested', 'approved') ORDER BY created_at LIMIT $1`;
const claimToCheckSql = `
  WITH due AS (
    SELECT tenant_id, id FROM refunds WHERE next_check_at <= $2
     ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  UPDATE refunds a SET checks = a.checks + 1, next_check_at = $3
    FROM due WHERE a.tenant_id = due.tenant_id AND a.id = due.id RETURNING ${rows.columns('a.')}`;

@Injectable()
export class RefundRepository {
  async insert(tx: Tx, refund: Refund): Promise<void> {
    await tx.execute(insertSql, rows.values(refund));
  }

  /** For refunds that this transaction holds locked. */
  async update(tx: Tx, refunds: readonly Refund[]): Promise<void> {
    if (refunds.length > 0) await tx.execute(updateSql, [rows.toJson(refunds)]);
  }

  find(tx: Tx, { tenantId, id }: RefundKey): Promise<Refund | null> {
    return tx.manager.findOneBy(RefundEntity, { tenantId, id });
  }

  async lockMany(tx: Tx, keys: readonly RefundKey[]): Promise<Refund[]> {
    const found = await tx.query<object>(lockManySql, [keys.map((key) => key.tenantId), keys.map((key) => key.id)]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Newest first, below `beforeId`. */
  async page(tx: Tx, page: { tenantId: string; paymentId: string; beforeId: string | null; limit: number }) {
    const { tenantId, paymentId, beforeId, limit } = page;
    const found = await tx.query<object>(pageSql, [tenantId, paymentId, beforeId, limit]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Whose refunds these are: a provider names our key, not our tenant. */
  findNamed(tx: Tx, ids: readonly string[]): Promise<RefundOfPayment[]> {
    return tx.query(findNamedSql, [ids]);
  }

  /** The oldest that nobody has sent; not locked, for the payment's lock comes first. */
  findToSend(tx: Tx, limit: number): Promise<RefundOfPayment[]> {
    return tx.query(findToSendSql, [limit]);
  }

  /** Refunds whose outcome is not known in time; the next look comes at `checkAt` if this one dies. */
  async claimToCheck(tx: Tx, limit: number, now: Date, checkAt: Date): Promise<Refund[]> {
    const claimed = await tx.query<object>(claimToCheckSql, [limit, now, checkAt]);
    return claimed.map((row) => rows.fromRow(row));
  }
}
