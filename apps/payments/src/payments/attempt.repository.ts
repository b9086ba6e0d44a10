import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Attempt } from '../domain/attempt.ts';
import type { Payment } from '../domain/payment.ts';
import { rowMap } from '../rows.ts';
import { AttemptEntity } from './attempt.entity.ts';
import type { SourceKey } from './payment.repository.ts';

export type AttemptKey = Pick<Attempt, 'tenantId' | 'paymentId' | 'n'>;
export interface OperationKey {
  readonly tenantId: string;
  readonly operationId: string;
}
export type SourceAttempt = SourceKey & { readonly sourceAttempt: number };

const rows = rowMap(AttemptEntity);
const mutable = [
  ...['state', 'provider_ref', 'confirmed_minor', 'confirmed_currency', 'failure', 'reason', 'checks', 'next_check_at'],
  ...['action_url', 'expires_at', 'alarmed_at', 'submitted_at', 'finished_at'],
];
const sent = 'jsonb_populate_recordset(NULL::payment_attempts, $1::jsonb) r';
const isSame = (a: string, b: string) =>
  `${a}.tenant_id = ${b}.tenant_id AND ${a}.payment_id = ${b}.payment_id AND ${a}.n = ${b}.n`;

const insertSql = `INSERT INTO payment_attempts (${rows.columns()}) SELECT ${rows.columns('r.')} FROM ${sent}`;
const updateSql = `
  UPDATE payment_attempts a SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM ${sent} WHERE ${isSame('a', 'r')}`;
const divertSql = `UPDATE payment_attempts a SET provider = r.provider FROM ${sent} WHERE ${isSame('a', 'r')}`;
const lockManySql = `
  SELECT ${rows.columns('a.')} FROM payment_attempts a
    JOIN unnest($1::uuid[], $2::uuid[], $3::int[]) k (tenant_id, payment_id, n) ON ${isSame('a', 'k')}
   ORDER BY a.tenant_id, a.payment_id, a.n FOR UPDATE OF a`;
const findMadeSql = `
  SELECT ${rows.columns('a.')} FROM payment_attempts a
    JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) k (tenant_id, source_type, source_id, source_attempt)
      ON a.tenant_id = k.tenant_id AND a.source_type = k.source_type AND a.source_id = k.source_id
     AND a.source_attempt = k.source_attempt`;
const claimCreatedSql = `
  WITH due AS (
    SELECT tenant_id, payment_id, n FROM payment_attempts WHERE state = 'created'
     ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  UPDATE payment_attempts a SET state = 'submitted', submitted_at = $2, next_check_at = $3
    FROM due WHERE ${isSame('a', 'due')} RETURNING ${rows.columns('a.')}`;
const claimToCheckSql = `
  WITH due AS (
    SELECT tenant_id, payment_id, n FROM payment_attempts WHERE next_check_at <= $2
     ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  UPDATE payment_attempts a SET checks = a.checks + 1, next_check_at = $3
    FROM due WHERE ${isSame('a', 'due')} RETURNING ${rows.columns('a.')}`;
const takeOverSql = `
  UPDATE payment_attempts a SET checks = a.checks + 1, next_check_at = $3
   WHERE tenant_id = $1 AND operation_id = $2 AND state = 'submitted' RETURNING ${rows.columns('a.')}`;
const findOfOperationSql = `
  SELECT ${rows.columns()} FROM payment_attempts WHERE tenant_id = $1 AND operation_id = $2`;
const findManySql = `
  SELECT ${rows.columns('a.')} FROM payment_attempts a
    JOIN unnest($1::uuid[], $2::uuid[], $3::int[]) k (tenant_id, payment_id, n) ON ${isSame('a', 'k')}`;
const findOfKeySql = `
  SELECT ${rows.columns()} FROM payment_attempts
   WHERE payment_id = $1 AND n = $2 AND provider = $3 AND ($4::uuid IS NULL OR tenant_id = $4)`;
const findSql = `SELECT ${rows.columns()} FROM payment_attempts WHERE tenant_id = $1 AND payment_id = $2 AND n = $3`;

@Injectable()
export class AttemptRepository {
  async insert(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length > 0) await tx.execute(insertSql, [rows.toJson(attempts)]);
  }

  /** For attempts that this transaction holds locked. */
  async update(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length > 0) await tx.execute(updateSql, [rows.toJson(attempts)]);
  }

  /** For attempts that were claimed in this transaction and go to another provider than was planned. */
  async divert(tx: Tx, attempts: readonly Attempt[]): Promise<void> {
    if (attempts.length > 0) await tx.execute(divertSql, [rows.toJson(attempts)]);
  }

  async find(tx: Tx, { tenantId, paymentId, n }: AttemptKey): Promise<Attempt | null> {
    const [row] = await tx.query<object>(findSql, [tenantId, paymentId, n]);
    return row ? rows.fromRow(row) : null;
  }

  /** The latest attempt of each payment. */
  async findLatest(tx: Tx, payments: readonly Payment[]): Promise<Attempt[]> {
    if (payments.length === 0) return [];
    const found = await tx.query<object>(findManySql, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ id }) => id),
      payments.map(({ attemptNo }) => attemptNo),
    ]);
    return found.map((row) => rows.fromRow(row));
  }

  /** The attempt that a provider names by its key; the key alone tells no tenant. */
  async findOfKey(
    tx: Tx,
    { paymentId, n, provider, tenantId }: Pick<Attempt, 'paymentId' | 'n' | 'provider'> & { tenantId: string | null },
  ): Promise<Attempt | null> {
    const [row] = await tx.query<object>(findOfKeySql, [paymentId, n, provider, tenantId]);
    return row ? rows.fromRow(row) : null;
  }

  async lockMany(tx: Tx, keys: readonly AttemptKey[]): Promise<Attempt[]> {
    const found = await tx.query<object>(lockManySql, [
      keys.map((key) => key.tenantId),
      keys.map((key) => key.paymentId),
      keys.map((key) => key.n),
    ]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Those of billing's (source, attempt) pairs that have been answered by an attempt already. */
  async findMade(tx: Tx, asked: readonly SourceAttempt[]): Promise<Attempt[]> {
    const found = await tx.query<object>(findMadeSql, [
      asked.map((ask) => ask.tenantId),
      asked.map((ask) => ask.sourceType),
      asked.map((ask) => ask.sourceId),
      asked.map((ask) => ask.sourceAttempt),
    ]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Marks the oldest created attempts as submitted: from here on a crash means asking before sending again. */
  claimCreated(tx: Tx, limit: number, now: Date, checkAt: Date): Promise<Attempt[]> {
    return this.claim(tx, claimCreatedSql, [limit, now, checkAt]);
  }

  /** Attempts whose outcome is not known in time; the next look comes at `checkAt` if this one dies. */
  claimToCheck(tx: Tx, limit: number, now: Date, checkAt: Date): Promise<Attempt[]> {
    return this.claim(tx, claimToCheckSql, [limit, now, checkAt]);
  }

  /** A request's attempt, for the request that takes it up again; without an outcome it is asked about now. */
  async takeOver(tx: Tx, { tenantId, operationId }: OperationKey, checkAt: Date): Promise<Attempt | null> {
    const [taken] = await this.claim(tx, takeOverSql, [tenantId, operationId, checkAt]);
    if (taken) return taken;
    const [row] = await tx.query<object>(findOfOperationSql, [tenantId, operationId]);
    return row ? rows.fromRow(row) : null;
  }

  private async claim(tx: Tx, sql: string, values: readonly unknown[]): Promise<Attempt[]> {
    const claimed = await tx.query<object>(sql, values);
    return claimed.map((row) => rows.fromRow(row));
  }
}
