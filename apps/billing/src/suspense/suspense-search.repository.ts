import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import type { SuspensePage, SuspenseView } from './suspense-item.view.ts';

const COLUMNS = `
  s.tenant_id AS "tenantId", s.id, s.payment_locator AS "paymentLocator", s.currency,
  s.amount_minor AS "amountMinor", s.reason, s.clues, s.version, s.state, s.opened_at AS "openedAt",
  s.aged_on AS "agedOn", r.effective_date AS "receivedOn"`;
const FROM = `
  FROM suspense_items s JOIN received_payments r ON r.tenant_id = s.tenant_id AND r.locator = s.payment_locator`;

const FIND = `SELECT ${COLUMNS} ${FROM} WHERE s.tenant_id = $1 AND s.id = $2`;

const PAGE = `
  SELECT ${COLUMNS} ${FROM}
   WHERE s.tenant_id = $1 AND ($2::text IS NULL OR s.state = $2) AND ($3::uuid IS NULL OR s.payment_locator = $3)
     AND ($4::uuid IS NULL OR s.id < $4)
   ORDER BY s.id DESC LIMIT $5`;

const OLD = (scope: string) => `
  SELECT s.tenant_id AS "tenantId", s.id, s.payment_locator AS "paymentLocator"
    FROM billing_settings b
   CROSS JOIN LATERAL (
    SELECT * FROM suspense_items s WHERE s.tenant_id = b.tenant_id AND s.state = 'open' AND s.aged_on IS NULL
     OFFSET 0) s
   CROSS JOIN LATERAL (
    SELECT * FROM received_payments r WHERE r.tenant_id = s.tenant_id AND r.locator = s.payment_locator OFFSET 0) r
   WHERE r.effective_date + b.suspense_aged_after_days <= $1::date AND ${scope}
   ORDER BY s.tenant_id, s.payment_locator LIMIT $2`;
const OLD_IN_REAL_TIME = OLD('NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = b.tenant_id)');
const OLD_OF_TENANT = OLD('b.tenant_id = $3');

const AGE = `
  UPDATE suspense_items s SET aged_on = $3, version = s.version + 1
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id AND s.aged_on IS NULL
  RETURNING s.tenant_id AS "tenantId", s.id,
    (SELECT $3::date - r.effective_date FROM received_payments r
      WHERE r.tenant_id = s.tenant_id AND r.locator = s.payment_locator) AS "ageDays"`;

type Row = Omit<SuspenseView, 'amountMinor'> & { amountMinor: string };

/** Days since its money was received. */
interface Aged {
  readonly ageDays: number;
}

/** Money in suspense, for those who look for its owners. */
@Injectable()
export class SuspenseSearchRepository {
  async find(tx: Tx, { tenantId, id }: TenantKey): Promise<SuspenseView | null> {
    const [row] = await tx.query<Row>(FIND, [tenantId, id]);
    return row ? { ...row, amountMinor: BigInt(row.amountMinor) } : null;
  }

  /** Newest first, one more than `limit`. */
  async page(tx: Tx, tenantId: string, page: SuspensePage): Promise<SuspenseView[]> {
    const { state, paymentLocator, before, limit } = page;
    const rows = await tx.query<Row>(PAGE, [tenantId, state, paymentLocator, before, limit + 1]);
    return rows.map((row) => ({ ...row, amountMinor: BigInt(row.amountMinor) }));
  }

  /** Open ones that have been here for longer than their tenant bears, and that nobody was told of. */
  old(tx: Tx, today: CalendarDate, { tenantId, limit }: SweepScope) {
    type Old = TenantKey & { paymentLocator: string };
    return tenantId === null
      ? tx.query<Old>(OLD_IN_REAL_TIME, [today, limit])
      : tx.query<Old>(OLD_OF_TENANT, [today, limit, tenantId]);
  }

  /** @returns those that nobody else has called old meanwhile */
  async age<T extends TenantKey>(tx: Tx, items: readonly T[], on: CalendarDate): Promise<(T & Aged)[]> {
    if (items.length === 0) return [];
    const keys = [items.map(({ tenantId }) => tenantId), items.map(({ id }) => id)];
    const rows = await tx.query<TenantKey & Aged>(AGE, [...keys, on]);
    const aged = new Map(rows.map((row) => [keyOf(row), row.ageDays]));
    return items.flatMap((item) => {
      const ageDays = aged.get(keyOf(item));
      return ageDays === undefined ? [] : [{ ...item, ageDays }];
    });
  }
}
