import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { SuspenseItem } from './allocation.entity.ts';

const INSERT = `
  INSERT INTO suspense_items
    (tenant_id, id, payment_locator, currency, amount_minor, reason, state, clues, version)
  SELECT s.tenant_id, s.id, s.payment_locator, s.currency, s.amount, s.reason, 'open', s.clues, 1
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::jsonb[])
      AS s (tenant_id, id, payment_locator, currency, amount, reason, clues)`;

const COLUMNS = `
  s.tenant_id AS "tenantId", s.id, s.payment_locator AS "paymentLocator", s.currency,
  s.amount_minor AS "amountMinor", s.reason, s.clues, s.version`;

const OPEN = `
  SELECT ${COLUMNS} FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, payment_locator)
    JOIN suspense_items s USING (tenant_id, payment_locator)
   WHERE s.state = 'open' ORDER BY s.id`;

const FIND = `SELECT ${COLUMNS} FROM suspense_items s WHERE s.tenant_id = $1 AND s.id = $2`;

const CLOSE = `
  UPDATE suspense_items s SET state = $3, version = s.version + 1
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id`;

export type StoredSuspenseItem = SuspenseItem & { readonly version: number };
type Row = Omit<StoredSuspenseItem, 'amountMinor'> & { amountMinor: string };

@Injectable()
export class SuspenseItemRepository {
  async insert(tx: Tx, items: readonly SuspenseItem[]): Promise<void> {
    if (items.length === 0) return;
    await tx.execute(INSERT, [
      items.map(({ tenantId }) => tenantId),
      items.map(({ id }) => id),
      items.map(({ paymentLocator }) => paymentLocator),
      items.map(({ currency }) => currency),
      items.map(({ amountMinor }) => amountMinor),
      items.map(({ reason }) => reason),
      items.map(({ clues }) => JSON.stringify(clues)),
    ]);
  }

  /** What of these payments is still in suspense. It changes only under the lock of its payment. */
  async openOf(tx: Tx, payments: readonly TenantKey[]): Promise<StoredSuspenseItem[]> {
    const rows = await tx.query<Row>(OPEN, [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)]);
    return rows.map(itemOf);
  }

  /** Whatever became of it. */
  async find(tx: Tx, { tenantId, id }: TenantKey): Promise<StoredSuspenseItem | null> {
    const [row] = await tx.query<Row>(FIND, [tenantId, id]);
    return row ? itemOf(row) : null;
  }

  async close(tx: Tx, items: readonly TenantKey[], state: 'applied' | 'returned'): Promise<void> {
    if (items.length === 0) return;
    await tx.execute(CLOSE, [items.map(({ tenantId }) => tenantId), items.map(({ id }) => id), state]);
  }
}

function itemOf(row: Row): StoredSuspenseItem {
  return { ...row, amountMinor: BigInt(row.amountMinor) };
}
