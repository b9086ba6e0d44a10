import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { COLUMNS, remittanceOf, sumsText } from './remittance-row.ts';
import type { RemittanceRow, RemittanceState, StoredRemittance } from './remittance-row.ts';

const INSERT = `
  INSERT INTO remittances (tenant_id, id, file_id, set_index, payer_name, payer_id, payee_name, payee_id, handling,
    method, currency, amount_minor, paid_on, produced_on, trace_number, originator, content, conflicts_with,
    state, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'held', $19)
  ON CONFLICT DO NOTHING`;
const SAME = `
  SELECT r.id, r.content FROM remittances r
   WHERE r.tenant_id = $1 AND r.payee_id = $2 AND r.originator = $3 AND r.trace_number = $4 AND r.amount_minor = $5
     AND r.paid_on = $6 AND r.conflicts_with IS NULL`;
const FINISH = `
  UPDATE remittances SET claims = $3, is_balanced = $4, faults = $5, sums = $6, state = $7
   WHERE tenant_id = $1 AND id = $2`;
const ADD_ADJUSTMENTS = `
  INSERT INTO provider_adjustments
    (tenant_id, remittance_id, n, provider_id, fiscal_on, reason, reference, amount_minor)
  SELECT $1, $2, a.n, a.provider, a.fiscal_on, a.reason, a.reference, a.amount
    FROM unnest($3::int[], $4::text[], $5::date[], $6::text[], $7::text[], $8::bigint[])
         a (n, provider, fiscal_on, reason, reference, amount)`;
const FIND = `SELECT ${COLUMNS} FROM remittances r WHERE r.tenant_id = $1 AND r.id = $2`;
const LOCK = `${FIND} FOR UPDATE`;
const PAGE = `
  SELECT ${COLUMNS} FROM remittances r
   WHERE r.tenant_id = $1 AND ($2::uuid IS NULL OR r.id < $2) AND ($3::text IS NULL OR r.trace_number = $3)
     AND ($4::text IS NULL OR r.state = $4) AND ($5::text IS NULL OR r.payer_id = $5)
     AND ($6::date IS NULL OR r.paid_on >= $6) AND ($7::date IS NULL OR r.paid_on <= $7)
   ORDER BY r.id DESC LIMIT $8`;
const MOVE = `
  UPDATE remittances r SET state = $3, state_reason = $4, version = r.version + 1 WHERE r.tenant_id = $1 AND r.id = $2
  RETURNING ${COLUMNS}`;
const CLAIM_TO_POST = `
  SELECT ${COLUMNS} FROM remittances r WHERE r.state = 'received' AND r.booked_at IS NULL
   ORDER BY r.created_at LIMIT $1 FOR UPDATE SKIP LOCKED`;
const POSTED = `
  UPDATE remittances r SET state = 'posted', booked_at = $3, version = r.version + 1
    FROM unnest($1::uuid[], $2::uuid[]) k (tenant_id, id) WHERE r.tenant_id = k.tenant_id AND r.id = k.id
  RETURNING ${COLUMNS}`;
const CLAIM_TO_MIRROR = `
  SELECT ${COLUMNS} FROM remittances r WHERE r.state = 'void' AND r.booked_at IS NOT NULL AND r.mirrored_at IS NULL
   ORDER BY r.created_at LIMIT $1 FOR UPDATE SKIP LOCKED`;
const MIRRORED = `
  UPDATE remittances r SET mirrored_at = $3 FROM unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
   WHERE r.tenant_id = k.tenant_id AND r.id = k.id`;

export interface NewRemittance extends Omit<
  StoredRemittance,
  'claims' | 'isBalanced' | 'faults' | 'sums' | 'state' | 'stateReason' | 'version'
> {
  readonly setIndex: number;
  readonly content: Buffer;
}
export interface RemittanceAdjustment {
  readonly providerId: string;
  readonly fiscalOn: string | null;
  readonly reason: string;
  readonly reference: string | null;
  readonly amount: bigint;
}
export interface RemittanceFilter {
  readonly trn: string | null;
  readonly state: RemittanceState | null;
  readonly payer: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly before: string | null;
  readonly limit: number;
}
type Key = Pick<StoredRemittance, 'tenantId' | 'id'>;

@Injectable()
export class RemittanceRepository {
  /** @returns false when the payment was told before */
  async insert(tx: Tx, r: NewRemittance): Promise<boolean> {
    const values = [
      ...[r.tenantId, r.id, r.fileId, r.setIndex, r.payer.name, r.payer.id, r.payee.name, r.payee.id, r.handling],
      ...[r.method, r.amount.currency, r.amount.minor.toString(), r.paidOn, r.producedOn, r.traceNumber, r.originator],
      ...[r.content, r.conflictsWith, r.createdAt],
    ];
    return (await tx.execute(INSERT, values)) === 1;
  }

  /** The first that told this payment. */
  async same(tx: Tx, r: NewRemittance): Promise<{ id: string; content: Buffer } | null> {
    const key = [r.tenantId, r.payee.id, r.originator, r.traceNumber, r.amount.minor.toString(), r.paidOn];
    return (await tx.query<{ id: string; content: Buffer }>(SAME, key))[0] ?? null;
  }

  async finish(tx: Tx, { tenantId, id, claims, isBalanced, faults, sums, state }: StoredRemittance): Promise<void> {
    await tx.execute(FINISH, [tenantId, id, claims, isBalanced, JSON.stringify(faults), sumsText(sums), state]);
  }

  async addAdjustments(tx: Tx, { tenantId, id }: Key, adjustments: readonly RemittanceAdjustment[]): Promise<void> {
    if (adjustments.length === 0) return;
    await tx.execute(ADD_ADJUSTMENTS, [
      ...[tenantId, id, adjustments.map((_, n) => n), adjustments.map(({ providerId }) => providerId)],
      adjustments.map(({ fiscalOn }) => fiscalOn),
      adjustments.map(({ reason }) => reason),
      adjustments.map(({ reference }) => reference),
      adjustments.map(({ amount }) => amount.toString()),
    ]);
  }

  async find(tx: Tx, { tenantId, id }: Key): Promise<StoredRemittance | null> {
    const [row] = await tx.query<RemittanceRow>(FIND, [tenantId, id]);
    return row ? remittanceOf(row) : null;
  }

  async lock(tx: Tx, { tenantId, id }: Key): Promise<StoredRemittance | null> {
    const [row] = await tx.query<RemittanceRow>(LOCK, [tenantId, id]);
    return row ? remittanceOf(row) : null;
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, tenantId: string, f: RemittanceFilter): Promise<StoredRemittance[]> {
    const values = [tenantId, f.before, f.trn, f.state, f.payer, f.from, f.to, f.limit + 1];
    return (await tx.query<RemittanceRow>(PAGE, values)).map(remittanceOf);
  }

  async move(tx: Tx, { tenantId, id }: Key, state: RemittanceState, reason: string): Promise<StoredRemittance> {
    const [row] = await tx.query<RemittanceRow>(MOVE, [tenantId, id, state, reason]);
    return remittanceOf(row!);
  }

  async claimToPost(tx: Tx, limit: number): Promise<StoredRemittance[]> {
    return (await tx.query<RemittanceRow>(CLAIM_TO_POST, [limit])).map(remittanceOf);
  }

  async posted(tx: Tx, keys: readonly Key[], at: Date): Promise<StoredRemittance[]> {
    return (await tx.query<RemittanceRow>(POSTED, [...columnsOf(keys), at])).map(remittanceOf);
  }

  async claimToMirror(tx: Tx, limit: number): Promise<StoredRemittance[]> {
    return (await tx.query<RemittanceRow>(CLAIM_TO_MIRROR, [limit])).map(remittanceOf);
  }

  async mirrored(tx: Tx, keys: readonly Key[], at: Date): Promise<void> {
    await tx.execute(MIRRORED, [...columnsOf(keys), at]);
  }
}

const columnsOf = (keys: readonly Key[]) => [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)];
