import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ExceptionWriteOff } from './work-exception.ts';

type ExceptionKey = { readonly tenantId: string; readonly id: string };
type Row = Omit<ExceptionWriteOff, 'amount'> & { amount_minor: string; currency: string };

const COLUMNS = `w.tenant_id AS "tenantId", w.id, w.exception_id AS "exceptionId", w.amount_minor, w.currency, w.role,
  w.is_small AS "isSmall", w.reason, w.requested_by AS "requestedBy", w.requested_at AS "requestedAt",
  w.approvals_needed AS "approvalsNeeded", w.approved_by AS "approvedBy", w.state, w.done_on AS "doneOn",
  w.undone_on AS "undoneOn", w.booked_at AS "bookedAt"`;
const INSERT = `
  INSERT INTO exception_write_offs (tenant_id, id, exception_id, amount_minor, currency, role, is_small, reason,
    requested_by, requested_at, approvals_needed, approved_by, state, done_on)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
const FIND = `
  SELECT ${COLUMNS} FROM exception_write_offs w
   WHERE w.tenant_id = $1 AND w.exception_id = $2 AND w.state IN ('pending', 'done')`;
const UPDATE = `
  UPDATE exception_write_offs SET approved_by = $3, state = $4, done_on = $5 WHERE tenant_id = $1 AND id = $2`;
const WITHDRAW = `
  UPDATE exception_write_offs SET state = 'withdrawn'
   WHERE tenant_id = $1 AND exception_id = $2 AND state = 'pending'`;
const UNDO = `
  UPDATE exception_write_offs SET state = 'undone', undone_on = ($3::timestamptz AT TIME ZONE 'UTC')::date
   WHERE tenant_id = $1 AND exception_id = $2 AND state = 'done'`;
const CLAIM_TO_BOOK = `
  SELECT ${COLUMNS} FROM exception_write_offs w WHERE w.state IN ('done', 'undone') AND w.booked_at IS NULL
   ORDER BY w.requested_at LIMIT $1 FOR UPDATE SKIP LOCKED`;
const CLAIM_TO_MIRROR = `
  SELECT ${COLUMNS} FROM exception_write_offs w
   WHERE w.state = 'undone' AND w.mirrored_at IS NULL AND w.booked_at IS NOT NULL
   ORDER BY w.requested_at LIMIT $1 FOR UPDATE SKIP LOCKED`;
const MARK = (column: 'booked_at' | 'mirrored_at') => `
  UPDATE exception_write_offs w SET ${column} = $3 FROM unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
   WHERE w.tenant_id = k.tenant_id AND w.id = k.id`;
const MARKS = { booked: MARK('booked_at'), mirrored: MARK('mirrored_at') } as const;

@Injectable()
export class ExceptionWriteOffRepository {
  async insert(tx: Tx, w: ExceptionWriteOff): Promise<void> {
    await tx.execute(INSERT, [
      ...[w.tenantId, w.id, w.exceptionId, w.amount.minor.toString(), w.amount.currency, w.role, w.isSmall, w.reason],
      ...[w.requestedBy, w.requestedAt, w.approvalsNeeded, w.approvedBy, w.state, w.doneOn],
    ]);
  }

  /** The one that counts for an exception, if there is one. Who changes it holds the exception's row. */
  async find(tx: Tx, { tenantId, id }: ExceptionKey): Promise<ExceptionWriteOff | null> {
    const [row] = await tx.query<Row>(FIND, [tenantId, id]);
    return row ? writeOffOf(row) : null;
  }

  async update(tx: Tx, { tenantId, id, approvedBy, state, doneOn }: ExceptionWriteOff): Promise<void> {
    await tx.execute(UPDATE, [tenantId, id, approvedBy, state, doneOn]);
  }

  /** @returns whether one was waiting */
  async withdraw(tx: Tx, { tenantId, id }: ExceptionKey): Promise<boolean> {
    return (await tx.execute(WITHDRAW, [tenantId, id])) > 0;
  }

  async undo(tx: Tx, { tenantId, id }: ExceptionKey, at: Date): Promise<void> {
    await tx.execute(UNDO, [tenantId, id, at]);
  }

  async claimToBook(tx: Tx, limit: number): Promise<ExceptionWriteOff[]> {
    return (await tx.query<Row>(CLAIM_TO_BOOK, [limit])).map(writeOffOf);
  }

  async claimToMirror(tx: Tx, limit: number): Promise<ExceptionWriteOff[]> {
    return (await tx.query<Row>(CLAIM_TO_MIRROR, [limit])).map(writeOffOf);
  }

  async mark(tx: Tx, as: keyof typeof MARKS, done: readonly ExceptionWriteOff[], at: Date): Promise<void> {
    if (done.length === 0) return;
    await tx.execute(MARKS[as], [done.map(({ tenantId }) => tenantId), done.map(({ id }) => id), at]);
  }
}

function writeOffOf({ amount_minor, currency, ...row }: Row): ExceptionWriteOff {
  return { ...row, amount: { minor: BigInt(amount_minor), currency } };
}
