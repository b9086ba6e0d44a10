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

const RETURN_OPEN = `
  UPDATE suspense_items s SET state = 'returned'
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, payment_locator)
   WHERE s.tenant_id = n.tenant_id AND s.payment_locator = n.payment_locator AND s.state = 'open'`;

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

  /** The payments were taken back: there is nothing to look for any more. */
  async returnOpen(tx: Tx, payments: readonly TenantKey[]): Promise<void> {
    await tx.execute(RETURN_OPEN, [payments.map(({ tenantId }) => tenantId), payments.map(({ id }) => id)]);
  }
}
