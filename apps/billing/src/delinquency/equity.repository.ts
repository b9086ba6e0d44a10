import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { ChargeCategory, ChargeHandling } from '../domain/charge.ts';
import type { ChargeSegment } from '../domain/earning.ts';
import { equityOf } from '../domain/equity.ts';
import type { Followed } from './debtor.ts';

interface Row {
  readonly id: string;
  readonly paid: string;
  readonly segments: readonly {
    category: ChargeCategory;
    handling: ChargeHandling;
    amount: string;
    start: CalendarDate;
    end: CalendarDate;
  }[];
}

// As a cancellation counts: without what billing charged by itself, and without what gives another charge back.
const EQUITY = `
  SELECT wanted.id,
         (SELECT coalesce(sum(i.allocated_minor), 0) FROM invoices v
            JOIN invoice_items i ON i.tenant_id = v.tenant_id AND i.invoice_id = v.id AND i.category = 'premium'
            JOIN charges c ON c.tenant_id = i.tenant_id AND c.id = i.charge_id AND c.term_number = wanted.term_number
           WHERE v.tenant_id = wanted.tenant_id AND v.policy_locator = wanted.policy_locator
             AND v.type <> 'credit_memo') AS paid,
         (SELECT coalesce(json_agg(json_build_object('category', c.category, 'handling', c.handling,
                   'amount', c.amount_minor::text, 'start', c.coverage_start, 'end', c.coverage_end)), '[]')
            FROM charges c
            JOIN policy_transactions x ON x.tenant_id = c.tenant_id AND x.id = c.transaction_id AND x.state = 'applied'
           WHERE c.tenant_id = wanted.tenant_id AND c.policy_locator = wanted.policy_locator
             AND c.term_number = wanted.term_number AND c.offsets_charge_id IS NULL) AS segments
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[]) AS wanted (tenant_id, policy_locator, id, term_number)`;

/** How far what was paid carries policies whose cancellation is asked for: information that goes with the request. */
@Injectable()
export class EquityRepository {
  /** Equity dates by the id of the delinquency. */
  async of(tx: Tx, all: readonly Followed[]): Promise<ReadonlyMap<string, CalendarDate>> {
    if (all.length === 0) return new Map();
    const rows = await tx.query<Row>(EQUITY, [
      all.map(({ delinquency }) => delinquency.tenantId),
      all.map(({ delinquency }) => delinquency.policyLocator),
      all.map(({ delinquency }) => delinquency.id),
      all.map(({ term }) => term.number),
    ]);
    const byId = new Map(rows.map((row) => [row.id, row]));
    return new Map(
      all.map(({ delinquency: { id, cancelOn }, term: { effectiveDate: start, expirationDate: end } }) => {
        const { segments, paid } = byId.get(id)!;
        const { equityOn } = equityOf(segments.map(segmentOf), BigInt(paid), { term: { start, end }, on: cancelOn! });
        return [id, equityOn];
      }),
    );
  }
}

function segmentOf({ category, handling, amount, start, end }: Row['segments'][number]): ChargeSegment {
  return { category, handling, amountMinor: BigInt(amount), coverage: { start, end } };
}
