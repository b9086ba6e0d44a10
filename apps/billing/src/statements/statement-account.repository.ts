import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { AccountKey } from './statement-fact.repository.ts';

/** How far the statements of an account have come. */
export interface StatementAccount extends AccountKey {
  readonly statedThrough: CalendarDate | null;
  readonly closingMinor: bigint;
  /** The last one. */
  readonly statementId: string | null;
}

const ENSURE = `
  INSERT INTO statement_accounts (tenant_id, policyholder_locator, currency, closing_minor)
  SELECT n.*, 0 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n ORDER BY 1, 2, 3
  ON CONFLICT DO NOTHING`;

const LOCK = `
  SELECT a.tenant_id AS "tenantId", a.policyholder_locator AS "policyholderLocator", a.currency,
         a.stated_through AS "statedThrough", a.closing_minor AS "closingMinor", a.statement_id AS "statementId"
    FROM statement_accounts a JOIN unnest($1::uuid[], $2::text[], $3::text[])
      AS n (tenant_id, policyholder_locator, currency) USING (tenant_id, policyholder_locator, currency)
   ORDER BY a.tenant_id, a.policyholder_locator, a.currency FOR NO KEY UPDATE OF a`;

const SAVE = `
  UPDATE statement_accounts a
     SET stated_through = n.stated_through, closing_minor = n.closing, statement_id = n.statement_id
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[], $5::bigint[], $6::uuid[])
      AS n (tenant_id, policyholder_locator, currency, stated_through, closing, statement_id)
   WHERE a.tenant_id = n.tenant_id AND a.policyholder_locator = n.policyholder_locator AND a.currency = n.currency`;

const CURRENCIES = `
  SELECT DISTINCT p.currency FROM policies p WHERE p.tenant_id = $1 AND p.policyholder_locator = $2 ORDER BY 1`;

const ZONES = `
  SELECT DISTINCT p.time_zone AS "timeZone" FROM policies p WHERE p.tenant_id = $1 AND p.policyholder_locator = $2`;

@Injectable()
export class StatementAccountRepository {
  /** Made where they are missing, locked in one order: who makes a statement of one holds it. */
  async lock(tx: Tx, keys: readonly AccountKey[]): Promise<StatementAccount[]> {
    if (keys.length === 0) return [];
    const values = [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ policyholderLocator }) => policyholderLocator),
      keys.map(({ currency }) => currency),
    ];
    const [, rows] = await Promise.all([
      tx.execute(ENSURE, values),
      tx.query<Omit<StatementAccount, 'closingMinor'> & { closingMinor: string }>(LOCK, values),
    ]);
    return rows.map((row) => ({ ...row, closingMinor: BigInt(row.closingMinor) }));
  }

  async save(tx: Tx, accounts: readonly StatementAccount[]): Promise<void> {
    if (accounts.length === 0) return;
    await tx.execute(SAVE, [
      accounts.map(({ tenantId }) => tenantId),
      accounts.map(({ policyholderLocator }) => policyholderLocator),
      accounts.map(({ currency }) => currency),
      accounts.map(({ statedThrough }) => statedThrough),
      accounts.map(({ closingMinor }) => closingMinor),
      accounts.map(({ statementId }) => statementId),
    ]);
  }

  /** In which a policyholder has policies. */
  async currenciesOf(tx: Tx, tenantId: string, policyholderLocator: string): Promise<string[]> {
    const rows = await tx.query<{ currency: string }>(CURRENCIES, [tenantId, policyholderLocator]);
    return rows.map(({ currency }) => currency);
  }

  async zonesOf(tx: Tx, tenantId: string, policyholderLocator: string): Promise<string[]> {
    const rows = await tx.query<{ timeZone: string }>(ZONES, [tenantId, policyholderLocator]);
    return rows.map(({ timeZone }) => timeZone);
  }
}
