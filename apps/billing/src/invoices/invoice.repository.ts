import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { In, LessThan } from 'typeorm';
import type { TenantKey } from '../domain/identity.ts';
import type { Invoice, InvoiceState } from '../domain/invoice.ts';
import { InvoiceEntity, InvoiceItemEntity } from './invoice.entity.ts';
import type { StoredInvoice, StoredItem } from './invoice.entity.ts';

export interface InvoicePage {
  readonly policyLocator: string | null;
  readonly state: InvoiceState | null;
  readonly before: string | null;
  readonly limit: number;
}

// Rows are taken in the order of tenants, so that two sweeps never wait for each other's counters in a ring.
const TAKE_NUMBERS = `
  INSERT INTO invoice_counters AS c (tenant_id, last_number)
  SELECT n.tenant_id, n.count FROM unnest($1::uuid[], $2::bigint[]) AS n (tenant_id, count) ORDER BY n.tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET last_number = c.last_number + excluded.last_number
  RETURNING tenant_id AS "tenantId", last_number AS "lastNumber"`;

const INSERT = `
  INSERT INTO invoices (tenant_id, id, number, type, policy_locator, instalment_id, state, currency, issued_on, due_on,
    original_due_on, total_minor, allocated_minor, written_off_minor, balance_minor, version, subscription_id)
  SELECT i.tenant_id, i.id, i.number, i.type, i.policy_locator, i.instalment_id, i.state, i.currency, i.issued_on,
         i.due_on, i.due_on, i.total, i.allocated, 0, i.total - i.allocated, 1, i.subscription_id
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::date[],
                $9::date[], $10::bigint[], $11::text[], $12::bigint[], $13::uuid[])
      AS i (tenant_id, id, number, type, policy_locator, instalment_id, currency, issued_on, due_on, total, state,
            allocated, subscription_id)`;

const INSERT_ITEMS = `
  INSERT INTO invoice_items
    (tenant_id, invoice_id, item_no, charge_id, category, code, amount_minor, allocated_minor)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::text[], $6::text[], $7::bigint[],
                       $8::bigint[])`;

const UPDATE = `
  UPDATE invoices i
     SET due_on = n.due_on, allocated_minor = n.allocated, balance_minor = n.balance, state = n.state,
         version = n.version, written_off_minor = i.total_minor - n.allocated - n.balance
    FROM unnest($1::uuid[], $2::uuid[], $3::date[], $4::bigint[], $5::bigint[], $6::text[], $7::int[], $8::int[])
      AS n (tenant_id, id, due_on, allocated, balance, state, version, read_version)
   WHERE i.tenant_id = n.tenant_id AND i.id = n.id AND i.version = n.read_version`;

const UPDATE_ITEMS = `
  UPDATE invoice_items i SET allocated_minor = n.allocated, written_off_minor = n.written_off
    FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::bigint[], $5::bigint[])
      AS n (tenant_id, invoice_id, item_no, allocated, written_off)
   WHERE i.tenant_id = n.tenant_id AND i.invoice_id = n.invoice_id AND i.item_no = n.item_no
     AND (i.allocated_minor, i.written_off_minor) <> (n.allocated, n.written_off)`;

@Injectable()
export class InvoiceRepository {
  /**
   * The next numbers of each tenant, without gaps: the counter stays locked until the invoices are committed. Take them
   * last, after every other lock.
   * @returns for each tenant the first of its numbers
   */
  async takeNumbers(tx: Tx, counts: ReadonlyMap<string, number>): Promise<Map<string, bigint>> {
    const rows = await tx.query<{ tenantId: string; lastNumber: string }>(TAKE_NUMBERS, [
      [...counts.keys()],
      [...counts.values()],
    ]);
    return new Map(
      rows.map(({ tenantId, lastNumber }) => [tenantId, BigInt(lastNumber) - BigInt(counts.get(tenantId) ?? 0) + 1n]),
    );
  }

  async insert(tx: Tx, invoices: readonly Invoice[]): Promise<void> {
    const items = invoices.flatMap(({ tenantId, id, items }) =>
      items.map((item) => ({ ...item, tenantId, invoiceId: id })),
    );
    await Promise.all([this.insertInvoices(tx, invoices), this.insertItems(tx, items)]);
  }

  private insertInvoices(tx: Tx, invoices: readonly Invoice[]): Promise<number> {
    return tx.execute(INSERT, [
      invoices.map(({ tenantId }) => tenantId),
      invoices.map(({ id }) => id),
      invoices.map(({ number }) => number),
      invoices.map(({ type }) => type),
      invoices.map(({ policyLocator }) => policyLocator),
      invoices.map(({ instalmentId }) => instalmentId),
      invoices.map(({ currency }) => currency),
      invoices.map(({ issuedOn }) => issuedOn),
      invoices.map(({ dueOn }) => dueOn),
      invoices.map(({ totalMinor }) => totalMinor),
      invoices.map(({ state }) => state),
      invoices.map(({ allocatedMinor }) => allocatedMinor),
      invoices.map(({ subscriptionId }) => subscriptionId),
    ]);
  }

  private insertItems(tx: Tx, items: readonly StoredItem[]): Promise<number> {
    return tx.execute(INSERT_ITEMS, [
      items.map(({ tenantId }) => tenantId),
      items.map(({ invoiceId }) => invoiceId),
      items.map(({ itemNo }) => itemNo),
      items.map(({ chargeId }) => chargeId),
      items.map(({ category }) => category),
      items.map(({ code }) => code),
      items.map(({ amountMinor }) => amountMinor),
      items.map(({ allocatedMinor }) => allocatedMinor),
    ]);
  }

  /** @throws Error when one was changed since it was read: the caller held no lock on its policy */
  async update(tx: Tx, invoices: readonly Invoice[], readVersions: readonly number[]): Promise<void> {
    if (invoices.length === 0) return;
    const [written] = await Promise.all([
      tx.execute(UPDATE, [
        invoices.map(({ tenantId }) => tenantId),
        invoices.map(({ id }) => id),
        invoices.map(({ dueOn }) => dueOn),
        invoices.map(({ allocatedMinor }) => allocatedMinor),
        invoices.map(({ balanceMinor }) => balanceMinor),
        invoices.map(({ state }) => state),
        invoices.map(({ version }) => version),
        readVersions,
      ]),
      this.updateItems(tx, invoices),
    ]);
    if (written !== invoices.length) throw new Error(`${invoices.length - written} invoices changed under our lock`);
  }

  private updateItems(tx: Tx, invoices: readonly Invoice[]): Promise<number> {
    const items = invoices.flatMap(({ tenantId, id, items }) =>
      items.map((item) => ({ ...item, tenantId, invoiceId: id })),
    );
    return tx.execute(UPDATE_ITEMS, [
      items.map(({ tenantId }) => tenantId),
      items.map(({ invoiceId }) => invoiceId),
      items.map(({ itemNo }) => itemNo),
      items.map(({ allocatedMinor }) => allocatedMinor),
      items.map(({ writtenOffMinor }) => writtenOffMinor),
    ]);
  }

  find(tx: Tx, { tenantId, id }: TenantKey): Promise<StoredInvoice | null> {
    return tx.manager.findOneBy(InvoiceEntity, { tenantId, id });
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, { policyLocator, state, before, limit }: InvoicePage): Promise<StoredInvoice[]> {
    return tx.manager.find(InvoiceEntity, {
      where: {
        tenantId,
        ...(policyLocator === null ? {} : { policyLocator }),
        ...(state === null ? {} : { state }),
        ...(before === null ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  /** The items of several invoices of one tenant, by invoice. */
  async items(tx: Tx, tenantId: string, invoiceIds: readonly string[]): Promise<Map<string, StoredItem[]>> {
    if (invoiceIds.length === 0) return new Map();
    const rows = await tx.manager.find(InvoiceItemEntity, {
      where: { tenantId, invoiceId: In([...invoiceIds]) },
      order: { itemNo: 'ASC' },
    });
    return Map.groupBy(rows, ({ invoiceId }) => invoiceId);
  }
}
