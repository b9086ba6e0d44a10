import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

/** A payout that adds up and is not in the books yet. */
export interface UnbookedPayout {
  readonly tenantId: string;
  readonly id: string;
  readonly currency: string;
  readonly net: bigint;
  readonly arrivalOn: string;
}

/** Money that the bank has shown, or shows no more because the match was undone. */
export interface DepositChange {
  readonly tenantId: string;
  /** How often it was matched until now. */
  readonly n: number;
  readonly source: { readonly type: string; readonly id: string };
  readonly currency: string;
  readonly amount: bigint;
  readonly datedOn: string;
}

const CLAIM_PAYOUTS = `
  UPDATE settlement_batches b SET booked_at = $1
    FROM (SELECT tenant_id, id FROM settlement_batches WHERE state = 'balanced' AND booked_at IS NULL
           ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
   WHERE b.tenant_id = due.tenant_id AND b.id = due.id
  RETURNING b.tenant_id, b.id, b.currency, b.net_minor, b.arrival_on`;
const FIELDS = 'source_type, source_id, currency, amount_minor, dated_on';
const CLAIM_MATCHED = `
  WITH due AS (
    SELECT i.tenant_id, i.id, ${FIELDS} FROM items i
     WHERE i.side = 'A' AND i.set_name IN ('settlement_batch_deposit', 'ach_batch_deposit', 'remittance_deposit')
       AND i.state = 'matched'
       AND NOT EXISTS (SELECT 1 FROM deposit_bookings b
                        WHERE b.tenant_id = i.tenant_id AND b.item_id = i.id AND b.is_booked)
     LIMIT $1
  ), booked AS (
    INSERT INTO deposit_bookings AS b (tenant_id, item_id, n, is_booked) SELECT tenant_id, id, 1, true FROM due
    ON CONFLICT (tenant_id, item_id) DO UPDATE SET n = b.n + 1, is_booked = true WHERE NOT b.is_booked
    RETURNING tenant_id, item_id, n
  )
  SELECT due.tenant_id, booked.n, ${FIELDS} FROM booked
    JOIN due ON due.tenant_id = booked.tenant_id AND due.id = booked.item_id`;
const CLAIM_UNMATCHED = `
  UPDATE deposit_bookings b SET is_booked = false FROM items i
   WHERE b.is_booked AND i.tenant_id = b.tenant_id AND i.id = b.item_id AND i.state <> 'matched'
  RETURNING b.tenant_id, b.n, ${FIELDS}`;

@Injectable()
export class SettlementBookingRepository {
  async claimPayouts(tx: Tx, now: Date, limit: number): Promise<UnbookedPayout[]> {
    const rows = await tx.query<PayoutRow>(CLAIM_PAYOUTS, [now, limit]);
    return rows.map((row) => ({
      ...{ tenantId: row.tenant_id, id: row.id, currency: row.currency },
      ...{ net: BigInt(row.net_minor), arrivalOn: row.arrival_on },
    }));
  }

  async claimMatched(tx: Tx, limit: number): Promise<DepositChange[]> {
    return (await tx.query<DepositRow>(CLAIM_MATCHED, [limit])).map(depositOf);
  }

  async claimUnmatched(tx: Tx): Promise<DepositChange[]> {
    return (await tx.query<DepositRow>(CLAIM_UNMATCHED)).map(depositOf);
  }
}

interface PayoutRow {
  tenant_id: string;
  id: string;
  currency: string;
  net_minor: string;
  arrival_on: string;
}

interface DepositRow {
  tenant_id: string;
  n: number;
  source_type: string;
  source_id: string;
  currency: string;
  amount_minor: string;
  dated_on: string;
}

function depositOf(row: DepositRow): DepositChange {
  return {
    ...{ tenantId: row.tenant_id, n: row.n, source: { type: row.source_type, id: row.source_id } },
    ...{ currency: row.currency, amount: BigInt(row.amount_minor), datedOn: row.dated_on },
  };
}
