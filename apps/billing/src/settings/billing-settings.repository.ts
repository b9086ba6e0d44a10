import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { defaultSettings } from '../domain/billing-settings.ts';
import type { BillingSettings, StatementCycle } from '../domain/billing-settings.ts';
import type { InvoiceOrder, ItemOrder } from '../domain/allocation-plan.ts';
import type { ExcludedDebits } from '../domain/excess.ts';

interface Row {
  tenantId: string;
  invoices: InvoiceOrder;
  items: ItemOrder;
  tolerances: Record<string, string>;
  disburseExcess: boolean;
  excludeDebits: ExcludedDebits;
  floors: Record<string, string>;
  statementCycle: StatementCycle;
  suspenseAgedAfterDays: number | null;
  upcomingInvoiceDays: number | null;
}

const FIND = `
  SELECT tenant_id AS "tenantId", invoice_order AS invoices, item_order AS items, tolerances,
         disburse_excess AS "disburseExcess", exclude_debits AS "excludeDebits", excess_floors AS floors,
         statement_cycle AS "statementCycle", suspense_aged_after_days AS "suspenseAgedAfterDays",
         upcoming_invoice_days AS "upcomingInvoiceDays"
    FROM billing_settings WHERE tenant_id = ANY($1::uuid[])`;

const PUT = `
  INSERT INTO billing_settings (tenant_id, invoice_order, item_order, tolerances, disburse_excess, exclude_debits,
    excess_floors, statement_cycle, suspense_aged_after_days, updated_at, upcoming_invoice_days)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
  ON CONFLICT (tenant_id) DO UPDATE SET
    invoice_order = excluded.invoice_order, item_order = excluded.item_order, tolerances = excluded.tolerances,
    disburse_excess = excluded.disburse_excess, exclude_debits = excluded.exclude_debits,
    excess_floors = excluded.excess_floors, statement_cycle = excluded.statement_cycle,
    suspense_aged_after_days = excluded.suspense_aged_after_days, updated_at = excluded.updated_at,
    upcoming_invoice_days = excluded.upcoming_invoice_days`;

/** What each tenant has decided, or the defaults. */
export type SettingsOf = (tenantId: string) => BillingSettings;

@Injectable()
export class BillingSettingsRepository {
  async of(tx: Tx, tenantIds: Iterable<string>): Promise<SettingsOf> {
    const rows = await tx.query<Row>(FIND, [[...new Set(tenantIds)]]);
    const settings = new Map(rows.map((row) => [row.tenantId, settingsOf(row)]));
    return (tenantId) => settings.get(tenantId) ?? defaultSettings;
  }

  async put(tx: Tx, tenantId: string, settings: BillingSettings, at: Date): Promise<void> {
    const { allocation, tolerances, excess, statementCycle, suspenseAgedAfterDays, upcomingInvoiceDays } = settings;
    await tx.execute(PUT, [
      tenantId,
      allocation.invoices,
      allocation.items,
      textOf(tolerances),
      excess.disburseExcess,
      excess.excludeDebits,
      textOf(excess.floors),
      statementCycle,
      suspenseAgedAfterDays,
      at,
      upcomingInvoiceDays,
    ]);
  }
}

function settingsOf(row: Row): BillingSettings {
  const { invoices, items, tolerances, disburseExcess, excludeDebits, floors } = row;
  const { statementCycle, suspenseAgedAfterDays, upcomingInvoiceDays } = row;
  return {
    allocation: { invoices, items },
    tolerances: amountsOf(tolerances),
    excess: { disburseExcess, excludeDebits, floors: amountsOf(floors) },
    statementCycle,
    suspenseAgedAfterDays,
    upcomingInvoiceDays,
  };
}

function amountsOf(text: Record<string, string>): Map<string, bigint> {
  return new Map(Object.entries(text).map(([currency, minor]) => [currency, BigInt(minor)]));
}

function textOf(amounts: ReadonlyMap<string, bigint>): string {
  return JSON.stringify(Object.fromEntries([...amounts].map(([currency, minor]) => [currency, String(minor)])));
}
