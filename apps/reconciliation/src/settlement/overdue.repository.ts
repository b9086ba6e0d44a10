import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

/** Something that should have been seen by now. */
export interface Overdue {
  readonly tenantId: string;
  readonly id: string;
  readonly name: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly dueOn: string;
}

// A tenant on a test clock lives on its own day, before or after ours; others have ours.
const CLOCKS = 'clocks AS (SELECT tenant_id, max(business_on) AS today FROM test_clock_days GROUP BY tenant_id)';
const isDue = (dueOn: string) => `
  (${dueOn} < $1::date AND NOT EXISTS (SELECT 1 FROM clocks c WHERE c.tenant_id = o.tenant_id)
    OR ${dueOn} < (SELECT c.today FROM clocks c WHERE c.tenant_id = o.tenant_id))`;
const TELL_PAYMENTS = `
  WITH ${CLOCKS}, due AS (
    SELECT o.tenant_id, o.locator FROM payment_projections o
     WHERE o.state = 'posted' AND o.settled_at IS NULL AND o.told_late_at IS NULL AND o.settle_by IS NOT NULL
       AND ${isDue('o.settle_by')}
       AND NOT EXISTS (SELECT 1 FROM items i WHERE i.tenant_id = o.tenant_id AND i.set_name = 'settlement_item_payment'
                          AND i.side = 'B' AND i.source_type = 'payment' AND i.source_id = o.locator::text
                          AND i.state = 'matched')
     ORDER BY o.settle_by LIMIT $3 FOR UPDATE OF o SKIP LOCKED)
  UPDATE payment_projections p SET told_late_at = $2 FROM due
   WHERE p.tenant_id = due.tenant_id AND p.locator = due.locator
  RETURNING p.tenant_id, p.locator AS id, p.display_id AS name, p.amount_minor, p.currency, p.settle_by AS due_on`;
const TELL_PAYOUTS = `
  WITH ${CLOCKS}, due AS (
    SELECT o.tenant_id, o.id FROM settlement_batches o
     WHERE o.state = 'balanced' AND o.told_late_at IS NULL AND ${isDue('o.in_bank_by')} AND o.net_minor <> 0
       AND NOT EXISTS (SELECT 1 FROM items i WHERE i.tenant_id = o.tenant_id AND i.set_name = 'settlement_batch_deposit'
                          AND i.side = 'A' AND i.source_type = 'settlement_batch' AND i.source_id = o.id::text
                          AND i.state = 'matched')
     ORDER BY o.in_bank_by LIMIT $3 FOR UPDATE OF o SKIP LOCKED)
  UPDATE settlement_batches b SET told_late_at = $2 FROM due WHERE b.tenant_id = due.tenant_id AND b.id = due.id
  RETURNING b.tenant_id, b.id, b.payout_ref AS name, b.net_minor AS amount_minor, b.currency, b.in_bank_by AS due_on`;
/** Days after which an 835 should have its money, and money its 835: three working days and a weekend. */
const ERA_DAYS = 5;
const TELL_ALONE = `
  WITH ${CLOCKS}, due AS (
    SELECT o.tenant_id, o.id FROM items o
     WHERE o.set_name = 'remittance_deposit' AND o.state = 'open' AND o.told_late_at IS NULL
       AND ${isDue(`(o.dated_on + ${ERA_DAYS})`)}
     ORDER BY o.dated_on LIMIT $3 FOR UPDATE OF o SKIP LOCKED)
  UPDATE items i SET told_late_at = $2 FROM due WHERE i.tenant_id = due.tenant_id AND i.id = due.id
  RETURNING i.tenant_id, i.source_id AS id, i.source_type AS name, i.amount_minor, i.currency,
            i.dated_on + ${ERA_DAYS} AS due_on`;
/** Days in which it should be known what money at the bank is for. Every whole line of a bank is in this set. */
const KNOWN_DAYS = 5;
const TELL_DEPOSITS = `
  WITH ${CLOCKS}, due AS (
    SELECT o.tenant_id, o.id FROM items o
     WHERE o.set_name = 'settlement_batch_deposit' AND o.side = 'B' AND o.amount_minor > 0 AND o.state = 'open'
       AND o.told_late_at IS NULL AND ${isDue(`(o.dated_on + ${KNOWN_DAYS})`)}
     ORDER BY o.dated_on LIMIT $3 FOR UPDATE OF o SKIP LOCKED)
  UPDATE items i SET told_late_at = $2 FROM due WHERE i.tenant_id = due.tenant_id AND i.id = due.id
  RETURNING i.tenant_id, i.source_id AS id, i.source_type AS name, i.amount_minor, i.currency,
            i.dated_on + ${KNOWN_DAYS} AS due_on`;

@Injectable()
export class OverdueRepository {
  /** Payments whose money no report has shown in time; each is told once. */
  payments(tx: Tx, now: Date, limit: number): Promise<Overdue[]> {
    return this.tell(tx, TELL_PAYMENTS, now, limit);
  }

  /** Payouts that no bank has shown in time; each is told once. */
  payouts(tx: Tx, now: Date, limit: number): Promise<Overdue[]> {
    return this.tell(tx, TELL_PAYOUTS, now, limit);
  }

  /** 835s without money, and money without an 835, by the name of what they are. */
  alone(tx: Tx, now: Date, limit: number): Promise<Overdue[]> {
    return this.tell(tx, TELL_ALONE, now, limit);
  }

  /** Money at a bank of which nobody knows what it is for, by the name of what it is. */
  deposits(tx: Tx, now: Date, limit: number): Promise<Overdue[]> {
    return this.tell(tx, TELL_DEPOSITS, now, limit);
  }

  private async tell(tx: Tx, text: string, now: Date, limit: number): Promise<Overdue[]> {
    const rows = await tx.query<OverdueRow>(text, [now.toISOString().slice(0, 10), now, limit]);
    return rows.map((row) => ({
      ...{ tenantId: row.tenant_id, id: row.id, name: row.name, currency: row.currency, dueOn: row.due_on },
      amount: BigInt(row.amount_minor),
    }));
  }
}

interface OverdueRow {
  tenant_id: string;
  id: string;
  name: string;
  amount_minor: string;
  currency: string;
  due_on: string;
}
