import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Deposit, DepositState } from '../domain/deposit.ts';
import { COLUMNS, lineOf } from './line-row.ts';
import type { LineRow } from './line-row.ts';

export interface DepositFilter {
  readonly state: DepositState | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly accountId: string | null;
  readonly before: string | null;
  readonly limit: number;
}

/** Matching is told by the sides of a match: a deposit is one of them, in whichever set. */
const STATE = `CASE WHEN EXISTS (
    SELECT 1 FROM items i WHERE i.tenant_id = l.tenant_id AND i.side = 'B' AND i.source_type = 'bank_line'
       AND i.set_name IN ('settlement_batch_deposit', 'remittance_deposit', 'deposit_invoice', 'ach_batch_deposit')
       AND i.source_id = l.id::text AND i.state = 'matched') THEN 'matched'
  WHEN l.identified_at IS NOT NULL THEN 'identified' ELSE 'open' END`;
const DEPOSIT = `${COLUMNS}, l.version, l.party, l.policy_locator, l.note, l.identified_by, l.identified_at`;
const FIND = `
  SELECT ${DEPOSIT}, ${STATE} AS state FROM bank_lines l WHERE l.tenant_id = $1 AND l.id = $2 AND l.is_deposit`;
const LOCK = `${FIND} FOR UPDATE OF l`;
const PAGE = `
  SELECT * FROM (
    SELECT ${DEPOSIT}, ${STATE} AS state FROM bank_lines l
     WHERE l.tenant_id = $1 AND l.is_deposit AND ($2::uuid IS NULL OR l.id < $2)
       AND ($3::uuid IS NULL OR l.account_id = $3) AND ($4::date IS NULL OR l.booked_on >= $4)
       AND ($5::date IS NULL OR l.booked_on <= $5)
  ) d WHERE $6::text IS NULL OR d.state = $6 ORDER BY d.id DESC LIMIT $7`;
const IDENTIFY = `
  UPDATE bank_lines SET party = $3, policy_locator = $4, note = $5, identified_by = $6, identified_at = $7,
         version = version + 1
   WHERE tenant_id = $1 AND id = $2`;
/** What a person said helps the next run: by name, and by the policy in place of a second reference. */
const TELL_ITEM = `
  UPDATE items SET party = $3, second_reference = coalesce($4, second_reference)
   WHERE tenant_id = $1 AND set_name = 'deposit_invoice' AND side = 'B' AND source_type = 'bank_line'
     AND source_id = $2 AND state = 'open'`;
/** Nobody is asked any more what a person has said. */
const ANSWER = `
  UPDATE items SET told_late_at = coalesce(told_late_at, $3)
   WHERE tenant_id = $1 AND set_name = 'settlement_batch_deposit' AND side = 'B' AND source_type = 'bank_line'
     AND source_id = $2`;
/** By how many events each says. Lines that take money out are no deposits. */
const RAISE = `
  UPDATE bank_lines l SET version = l.version + n.events FROM unnest($2::uuid[], $3::int[]) n (id, events)
   WHERE l.tenant_id = $1 AND l.id = n.id AND l.is_deposit
  RETURNING ${DEPOSIT}, 'matched' AS state`;
const PAYMENTS_OF = `
  SELECT batch_id AS batch, payment_locator AS payment FROM settlement_items
   WHERE tenant_id = $1 AND batch_id = ANY ($2::uuid[]) AND category = 'charge' AND payment_locator IS NOT NULL
   ORDER BY id`;

@Injectable()
export class DepositRepository {
  async find(tx: Tx, tenantId: string, id: string): Promise<Deposit | null> {
    const [row] = await tx.query<DepositRow>(FIND, [tenantId, id]);
    return row ? depositOf(row) : null;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<Deposit | null> {
    const [row] = await tx.query<DepositRow>(LOCK, [tenantId, id]);
    return row ? depositOf(row) : null;
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, tenantId: string, filter: DepositFilter): Promise<Deposit[]> {
    const { before, accountId, from, to, state, limit } = filter;
    const rows = await tx.query<DepositRow>(PAGE, [tenantId, before, accountId, from, to, state, limit + 1]);
    return rows.map(depositOf);
  }

  async raise(tx: Tx, tenantId: string, ids: readonly string[], events: readonly number[]): Promise<Deposit[]> {
    return (await tx.query<DepositRow>(RAISE, [tenantId, ids, events])).map(depositOf);
  }

  /** By payout, the payments that it paid out. */
  async paymentsOf(tx: Tx, tenantId: string, batches: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await tx.query<{ batch: string; payment: string }>(PAYMENTS_OF, [tenantId, batches]);
    return new Map(
      [...Map.groupBy(rows, ({ batch }) => batch)].map(([key, of]) => [key, of.map((row) => row.payment)]),
    );
  }

  async identify(tx: Tx, deposit: Deposit, reference: string | null): Promise<void> {
    const { tenantId, id, party, policyLocator, note, identifiedBy, identifiedAt } = deposit;
    await Promise.all([
      tx.execute(IDENTIFY, [tenantId, id, party, policyLocator, note, identifiedBy, identifiedAt]),
      tx.execute(TELL_ITEM, [tenantId, id, party, reference]),
      tx.execute(ANSWER, [tenantId, id, identifiedAt]),
    ]);
  }
}

interface DepositRow extends LineRow {
  state: DepositState;
  version: number;
  party: string | null;
  policy_locator: string | null;
  note: string | null;
  identified_by: string | null;
  identified_at: Date | null;
}

function depositOf(row: DepositRow): Deposit {
  const { state, version, party, note } = row;
  return {
    ...lineOf(row),
    ...{ state, version, party, note, policyLocator: row.policy_locator },
    ...{ identifiedBy: row.identified_by, identifiedAt: row.identified_at },
  };
}
