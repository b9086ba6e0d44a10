import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Disbursement, DisbursementState } from '../domain/disbursement.ts';
import { rowMap } from '../rows.ts';
import { DisbursementEntity } from './disbursement.entity.ts';

export type DisbursementKey = Pick<Disbursement, 'tenantId' | 'id'>;

export interface DisbursementFilter {
  readonly state?: DisbursementState | undefined;
  readonly policyLocator?: string | undefined;
}

const rows = rowMap(DisbursementEntity);
const mutable = [
  ...['version', 'state', 'method', 'reference', 'approved_by', 'failure_code', 'effective_on', 'updated_at'],
];
const sent = 'jsonb_populate_recordset(NULL::disbursements, $1::jsonb) r';
const insertSql = `
  INSERT INTO disbursements (${rows.columns()}) SELECT ${rows.columns('r.')} FROM ${sent}
  ON CONFLICT ON CONSTRAINT disbursements_once_per_request DO NOTHING RETURNING id`;
const updateSql = `
  UPDATE disbursements d SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM ${sent} WHERE d.tenant_id = r.tenant_id AND d.id = r.id`;
const lockSql = `SELECT ${rows.columns()} FROM disbursements WHERE tenant_id = $1 AND id = $2 FOR UPDATE`;
const pageSql = `
  SELECT ${rows.columns()} FROM disbursements
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR state = $3)
     AND ($4::text IS NULL OR policy_locator = $4) ORDER BY id DESC LIMIT $5`;
// Each tenant's own date: that of its test clock, where it has one.
const lockUncashedSql = `
  SELECT ${rows.columns('d.')} FROM disbursements d
    LEFT JOIN LATERAL (SELECT max(t.business_on) AS today FROM test_clock_days t WHERE t.tenant_id = d.tenant_id) c
      ON true
   WHERE d.state = 'executed' AND d.effective_on + $1::int <= coalesce(c.today, $2::date)
   ORDER BY d.effective_on LIMIT $3 FOR UPDATE OF d SKIP LOCKED`;
// The row of the tenant's last number is locked by every drawing, so that no two cheques bear one number.
const lockNumbersSql = `
  INSERT INTO check_numbers (tenant_id, last_number) VALUES ($1, $2)
  ON CONFLICT (tenant_id) DO UPDATE SET last_number = check_numbers.last_number
  RETURNING last_number AS "lastNumber"`;
const keepNumberSql = `UPDATE check_numbers SET last_number = $2 WHERE tenant_id = $1`;
const isTakenSql = `SELECT 1 AS taken FROM disbursements WHERE tenant_id = $1 AND reference = $2`;

const firstNumber = 100_000n;

@Injectable()
export class DisbursementRepository {
  /** Those that are new: a request is paid once, however often it is asked for. */
  async insert(tx: Tx, disbursements: readonly Disbursement[]): Promise<ReadonlySet<string>> {
    if (disbursements.length === 0) return new Set();
    const inserted = await tx.query<{ id: string }>(insertSql, [rows.toJson(disbursements)]);
    return new Set(inserted.map(({ id }) => id));
  }

  /** For disbursements that this transaction holds locked. */
  async update(tx: Tx, disbursements: readonly Disbursement[]): Promise<void> {
    if (disbursements.length > 0) await tx.execute(updateSql, [rows.toJson(disbursements)]);
  }

  find(tx: Tx, { tenantId, id }: DisbursementKey): Promise<Disbursement | null> {
    return tx.manager.findOneBy(DisbursementEntity, { tenantId, id });
  }

  async lock(tx: Tx, { tenantId, id }: DisbursementKey): Promise<Disbursement | null> {
    const [row] = await tx.query<object>(lockSql, [tenantId, id]);
    return row ? rows.fromRow(row) : null;
  }

  /** Newest first, below `beforeId`. */
  async page(
    tx: Tx,
    page: { tenantId: string; filter: DisbursementFilter; beforeId: string | null; limit: number },
  ): Promise<Disbursement[]> {
    const { tenantId, filter, beforeId, limit } = page;
    const { state = null, policyLocator = null } = filter;
    const found = await tx.query<object>(pageSql, [tenantId, beforeId, state, policyLocator, limit]);
    return found.map((row) => rows.fromRow(row));
  }

  /** Cheques that nobody has cashed so many days after they were issued. */
  async lockUncashed(tx: Tx, uncashed: { days: number; today: string; limit: number }): Promise<Disbursement[]> {
    const { days, today, limit } = uncashed;
    const found = await tx.query<object>(lockUncashedSql, [days, today, limit]);
    return found.map((row) => rows.fromRow(row));
  }

  /** The next number that no cheque bears; a number that people gave to one is left out. */
  async drawNumber(tx: Tx, tenantId: string): Promise<string> {
    let number = (await this.lockNumbers(tx, tenantId)) + 1n;
    while (await this.isTaken(tx, tenantId, String(number))) number++;
    await tx.execute(keepNumberSql, [tenantId, number.toString()]);
    return String(number);
  }

  /** Whether a cheque bears this number; nobody else gives numbers until the transaction ends. */
  async isNumberTaken(tx: Tx, tenantId: string, reference: string): Promise<boolean> {
    await this.lockNumbers(tx, tenantId);
    return this.isTaken(tx, tenantId, reference);
  }

  private async lockNumbers(tx: Tx, tenantId: string): Promise<bigint> {
    const [row] = await tx.query<{ lastNumber: string }>(lockNumbersSql, [tenantId, firstNumber.toString()]);
    return BigInt(row!.lastNumber);
  }

  private async isTaken(tx: Tx, tenantId: string, reference: string): Promise<boolean> {
    return (await tx.query(isTakenSql, [tenantId, reference])).length > 0;
  }
}
