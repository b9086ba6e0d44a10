import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PaymentLink } from '../domain/payment-link.ts';
import { rowMap } from '../rows.ts';
import type { LinkFilter, LinkKey } from './link-request.ts';
import { PaymentLinkEntity } from './payment-link.entity.ts';

const rows = rowMap(PaymentLinkEntity);
const mutable = [
  ...['version', 'status', 'payment_id', 'attempts', 'amount_refunded_minor', 'payment_method_id'],
  ...['updated_at', 'viewed_at', 'completed_at'],
];
const sent = 'jsonb_populate_recordset(NULL::payment_links, $1::jsonb) r';
const insertSql = `INSERT INTO payment_links (${rows.columns()}) VALUES (${rows.placeholders})`;
// Of a period there is one: who asks for it again makes none.
const insertOfPeriodsSql = `
  INSERT INTO payment_links (${rows.columns()}) SELECT ${rows.columns('r.')} FROM ${sent}
  ON CONFLICT (tenant_id, subscription_period_id) WHERE subscription_period_id IS NOT NULL DO NOTHING RETURNING id`;
const updateSql = `
  UPDATE payment_links l SET ${mutable.map((column) => `${column} = r.${column}`).join(', ')}
    FROM ${sent} WHERE l.tenant_id = r.tenant_id AND l.id = r.id`;
// One order of locking for all who lock several links.
const lockManySql = `
  SELECT ${rows.columns('l.')} FROM payment_links l
    JOIN (SELECT DISTINCT tenant_id, id FROM unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)) k
      ON l.tenant_id = k.tenant_id AND l.id = k.id
   ORDER BY l.tenant_id, l.id FOR UPDATE OF l`;
const lockExpiredSql = `
  SELECT ${rows.columns()} FROM payment_links WHERE status = 'active' AND expires_at <= $1
   ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED`;
const lockOfInvoicesSql = `
  SELECT ${rows.columns('l.')} FROM payment_links l
    JOIN (SELECT DISTINCT tenant_id, invoice FROM unnest($1::uuid[], $2::text[]) k (tenant_id, invoice)) k
      ON l.tenant_id = k.tenant_id AND l.invoice_locator = k.invoice
   WHERE l.status = 'active' ORDER BY l.tenant_id, l.id FOR UPDATE OF l`;
const findSurplusSql = `
  SELECT p.tenant_id AS "tenantId", p.id AS "paymentId" FROM payments p
    JOIN payment_links l ON l.tenant_id = p.tenant_id AND l.id = p.link_id
   WHERE p.link_id IS NOT NULL AND p.state = 'posted' AND p.to_suspense AND l.payment_id IS DISTINCT FROM p.id
     AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.tenant_id = p.tenant_id AND r.payment_id = p.id)
   LIMIT $1 FOR UPDATE OF p SKIP LOCKED`;
const noteSubscriptionsSql = `
  UPDATE payment_links l SET subscription_id = k.subscription_id
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) k (tenant_id, id, subscription_id)
   WHERE l.tenant_id = k.tenant_id AND l.id = k.id`;

const conditions: Readonly<Record<keyof LinkFilter, string>> = {
  carrierId: 'carrier_id',
  employerId: 'employer_id',
  policyId: 'policy_id',
  status: 'status',
};

@Injectable()
export class PaymentLinkRepository {
  async insert(tx: Tx, link: PaymentLink): Promise<void> {
    await tx.execute(insertSql, rows.values(link));
  }

  /** @returns the ids of those whose period had none before */
  async insertOfPeriods(tx: Tx, links: readonly PaymentLink[]): Promise<Set<string>> {
    const made = await tx.query<{ id: string }>(insertOfPeriodsSql, [rows.toJson(links)]);
    return new Set(made.map(({ id }) => id));
  }

  /** For links that this transaction holds locked. */
  async update(tx: Tx, links: readonly PaymentLink[]): Promise<void> {
    if (links.length > 0) await tx.execute(updateSql, [rows.toJson(links)]);
  }

  find(tx: Tx, { tenantId, id }: LinkKey): Promise<PaymentLink | null> {
    return tx.manager.findOneBy(PaymentLinkEntity, { tenantId, id });
  }

  async lock(tx: Tx, key: LinkKey): Promise<PaymentLink | null> {
    const [link] = await this.lockMany(tx, [key]);
    return link ?? null;
  }

  lockMany(tx: Tx, keys: readonly LinkKey[]): Promise<PaymentLink[]> {
    return this.read(tx, lockManySql, [keys.map((key) => key.tenantId), keys.map((key) => key.id)]);
  }

  /** Whom nobody paid in time, longest ago first. */
  lockExpired(tx: Tx, now: Date, limit: number): Promise<PaymentLink[]> {
    return this.read(tx, lockExpiredSql, [now, limit]);
  }

  lockActiveOfInvoices(tx: Tx, invoices: readonly { tenantId: string; invoiceLocator: string }[]) {
    const split = [invoices.map((invoice) => invoice.tenantId), invoices.map((invoice) => invoice.invoiceLocator)];
    return this.read(tx, lockOfInvoicesSql, split);
  }

  /** Payments that came in by links which keep another one, or none, and that nobody has begun to give back. */
  findSurplus(tx: Tx, limit: number): Promise<{ tenantId: string; paymentId: string }[]> {
    return tx.query(findSurplusSql, [limit]);
  }

  async noteSubscriptions(tx: Tx, made: readonly (LinkKey & { subscriptionId: string })[]): Promise<void> {
    const split = [made.map((one) => one.tenantId), made.map((one) => one.id), made.map((one) => one.subscriptionId)];
    await tx.execute(noteSubscriptionsSql, split);
  }

  /** One page, newest first, and how many there are on all pages. */
  async page(tx: Tx, page: { tenantId: string; filter: LinkFilter; offset: number; limit: number }) {
    const { tenantId, filter, offset, limit } = page;
    const values: unknown[] = [tenantId];
    const where = ['tenant_id = $1'];
    for (const [name, column] of Object.entries(conditions)) {
      const value = filter[name as keyof LinkFilter];
      if (value !== undefined) where.push(`${column} = $${values.push(value)}`);
    }
    const from = `FROM payment_links WHERE ${where.join(' AND ')}`;
    const at = `LIMIT $${values.length + 1} OFFSET $${values.length + 2}`;
    const [links, counted] = await Promise.all([
      this.read(tx, `SELECT ${rows.columns()} ${from} ORDER BY id DESC ${at}`, [...values, limit, offset]),
      tx.query<{ total: string }>(`SELECT count(*) AS total ${from}`, values),
    ]);
    return { links, total: Number(counted[0]?.total ?? 0) };
  }

  private async read(tx: Tx, sql: string, values: readonly unknown[]): Promise<PaymentLink[]> {
    const found = await tx.query<object>(sql, values);
    return found.map((row) => rows.fromRow(row));
  }
}
