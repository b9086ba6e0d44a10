import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { WriteOff, WriteOffState } from '../domain/write-off.ts';
import type { StoredWriteOff } from './write-off.view.ts';

const COLUMNS = `
  w.tenant_id AS "tenantId", w.id, w.invoice_id AS "invoiceId", w.cause, w.state, w.currency,
  w.amount_minor AS "amountMinor", w.reason, w.written_off_on AS "writtenOffOn", w.reversed_on AS "reversedOn",
  w.version, w.created_at AS "createdAt",
  (SELECT json_agg(json_build_object('itemNo', t.item_no, 'amount', t.amount_minor::text) ORDER BY t.item_no)
     FROM write_off_items t WHERE t.tenant_id = w.tenant_id AND t.write_off_id = w.id) AS items`;

const INSERT = `
  INSERT INTO write_offs (tenant_id, id, invoice_id, cause, state, currency, amount_minor, reason, written_off_on,
    reversed_on, version)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[],
    $8::text[], $9::date[], $10::date[], $11::int[])`;

const INSERT_ITEMS = `
  INSERT INTO write_off_items (tenant_id, write_off_id, item_no, amount_minor)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[])`;

const REVERSE = `
  UPDATE write_offs w SET state = 'reversed', reversed_on = n.on_date, version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::int[]) AS n (tenant_id, id, on_date, version)
   WHERE w.tenant_id = n.tenant_id AND w.id = n.id AND w.state = 'standing'`;

// Read together with the invoices, under the same locks.
const FORGIVEN = `
  SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, invoice_id)
    JOIN write_offs w USING (tenant_id, invoice_id)
   WHERE w.state = 'standing' AND w.cause = 'tolerance' ORDER BY w.id`;

const FIND = `SELECT ${COLUMNS} FROM write_offs w WHERE w.tenant_id = $1 AND w.id = $2`;

const PAGE = `
  SELECT ${COLUMNS} FROM write_offs w
   WHERE w.tenant_id = $1 AND ($2::uuid IS NULL OR w.invoice_id = $2) AND ($3::text IS NULL OR w.state = $3)
     AND ($4::uuid IS NULL OR w.id < $4)
   ORDER BY w.id DESC LIMIT $5`;

type Row = Omit<StoredWriteOff, 'amountMinor' | 'items'> & {
  amountMinor: string;
  items: { itemNo: number; amount: string }[];
};

export interface WriteOffPage {
  readonly invoiceId: string | null;
  readonly state: WriteOffState | null;
  readonly before: string | null;
  readonly limit: number;
}

@Injectable()
export class WriteOffRepository {
  async insert(tx: Tx, made: readonly WriteOff[]): Promise<void> {
    if (made.length === 0) return;
    const items = made.flatMap(({ tenantId, id, items: own }) => own.map((item) => ({ ...item, tenantId, id })));
    await Promise.all([
      tx.execute(INSERT, [
        made.map(({ tenantId }) => tenantId),
        made.map(({ id }) => id),
        made.map(({ invoiceId }) => invoiceId),
        made.map(({ cause }) => cause),
        made.map(({ state }) => state),
        made.map(({ currency }) => currency),
        made.map(({ amountMinor }) => amountMinor),
        made.map(({ reason }) => reason),
        made.map(({ writtenOffOn }) => writtenOffOn),
        made.map(({ reversedOn }) => reversedOn),
        made.map(({ version }) => version),
      ]),
      tx.execute(INSERT_ITEMS, [
        items.map(({ tenantId }) => tenantId),
        items.map(({ id }) => id),
        items.map(({ itemNo }) => itemNo),
        items.map(({ amountMinor }) => amountMinor),
      ]),
    ]);
  }

  /** @throws Error when one does not stand any more: the caller held no lock on its policy */
  async reverse(tx: Tx, reversed: readonly WriteOff[]): Promise<void> {
    if (reversed.length === 0) return;
    const written = await tx.execute(REVERSE, [
      reversed.map(({ tenantId }) => tenantId),
      reversed.map(({ id }) => id),
      reversed.map(({ reversedOn }) => reversedOn),
      reversed.map(({ version }) => version),
    ]);
    if (written !== reversed.length) throw new Error('a write-off changed under our lock');
  }

  /** What tolerances forgave of these invoices, and still do. */
  async forgiven(tx: Tx, invoices: readonly TenantKey[]): Promise<WriteOff[]> {
    const keys = [invoices.map(({ tenantId }) => tenantId), invoices.map(({ id }) => id)];
    return (await tx.query<Row>(FORGIVEN, keys)).map(writeOffOf);
  }

  async find(tx: Tx, { tenantId, id }: TenantKey): Promise<StoredWriteOff | null> {
    const [row] = await tx.query<Row>(FIND, [tenantId, id]);
    return row ? writeOffOf(row) : null;
  }

  /** Newest first, one more than `limit`. */
  async page(tx: Tx, tenantId: string, { invoiceId, state, before, limit }: WriteOffPage): Promise<StoredWriteOff[]> {
    return (await tx.query<Row>(PAGE, [tenantId, invoiceId, state, before, limit + 1])).map(writeOffOf);
  }
}

function writeOffOf({ amountMinor, items, ...row }: Row): StoredWriteOff {
  const parts = items.map(({ itemNo, amount }) => ({ itemNo, amountMinor: BigInt(amount) }));
  return { ...row, amountMinor: BigInt(amountMinor), items: parts };
}
