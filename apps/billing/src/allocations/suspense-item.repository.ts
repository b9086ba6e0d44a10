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

const OPEN = `
  SELECT s.tenant_id AS "tenantId", s.id, s.payment_locator AS "paymentLocator", s.currency,
         s.amount_minor AS "amountMinor", s.reason, s.clues, s.version
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, payment_locator)
    JOIN suspense_items s USING (tenant_id, payment_locator)
   WHERE s.state = 'open' ORDER BY s.id`;

const FIND = `
  SELECT s.payment_locator AS "paymentLocator" FROM suspense_items s WHERE s.tenant_id = $1 AND s.id = $2`;

const CLOSE = `
  UPDATE suspense_items s SET state = 'returned', version = s.version + 1
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id`;

export type OpenSuspenseItem = SuspenseItem & { readonly version: number };

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
  async openOf(tx: Tx, payments: readonly TenantKey[]): Promise<OpenSuspenseItem[]> {
    type Row = Omit<OpenSuspenseItem, 'amountMinor'> & { amountMinor: string };
    const rows = await tx.query<Row>(OPEN, [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)]);
    return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
  }

  /** The payment that brought it, whatever became of the item. */
  async paymentOf(tx: Tx, { tenantId, id }: TenantKey): Promise<string | null> {
    const [row] = await tx.query<{ paymentLocator: string }>(FIND, [tenantId, id]);
    return row?.paymentLocator ?? null;
  }

  async close(tx: Tx, items: readonly TenantKey[]): Promise<void> {
    if (items.length === 0) return;
    await tx.execute(CLOSE, [items.map(({ tenantId }) => tenantId), items.map(({ id }) => id)]);
  }
}
