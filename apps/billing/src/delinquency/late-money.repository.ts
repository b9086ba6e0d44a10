import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Concerned } from './delinquency.repository.ts';

/** What came to a lapsed delinquency by one payment, in minor units. */
export interface LateMoney {
  readonly tenantId: string;
  readonly delinquencyId: string;
  readonly paymentLocator: string;
  readonly appliedMinor: bigint;
  /** What of it no debt could take. */
  readonly unappliedMinor: bigint;
  /** All that payments have left on the policy so far, these included. */
  readonly lyingMinor: bigint;
}

type Row = Record<keyof LateMoney, string>;

const UNAPPLIED = (which: string) => `
         (SELECT coalesce(sum(e.delta_minor), 0) FROM unapplied_funds f
            JOIN unapplied_entries e ON e.tenant_id = f.tenant_id AND e.fund_id = f.id
            JOIN received_payments r ON r.tenant_id = e.tenant_id AND r.locator = e.payment_locator
           WHERE f.tenant_id = d.tenant_id AND f.owner_type = 'policy' AND f.owner_locator = d.policy_locator::text
             AND f.currency = d.currency AND ${which})`;

// What a cancellation has given back lies there as well, and goes back when the policy does.
const LATE_MONEY = `
  SELECT d.tenant_id AS "tenantId", d.id AS "delinquencyId", wanted.payment_locator AS "paymentLocator",
         (SELECT coalesce(sum(CASE a.kind WHEN 'apply' THEN a.amount_minor ELSE -a.amount_minor END), 0)
            FROM allocations a JOIN invoices v ON v.tenant_id = a.tenant_id AND v.id = a.invoice_id
           WHERE a.tenant_id = d.tenant_id AND a.payment_locator = wanted.payment_locator
             AND v.policy_locator = d.policy_locator AND coalesce(d.invoice_id, v.id) = v.id) AS "appliedMinor",
         ${UNAPPLIED('e.payment_locator = wanted.payment_locator')} AS "unappliedMinor",
         ${UNAPPLIED(`r.kind = 'payment'`)} AS "lyingMinor"
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS wanted (tenant_id, policy_locator, payment_locator)
    JOIN delinquencies d ON d.tenant_id = wanted.tenant_id AND d.policy_locator = wanted.policy_locator
     AND d.state = 'lapsed'`;

// Later money waits for the same date, or goes back at once where that has passed.
const KEEP = `
  UPDATE unapplied_funds f SET give_back_on = d.cancel_on + r.reinstatement_days + 1
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id)
    JOIN delinquencies d ON d.tenant_id = n.tenant_id AND d.id = n.id
    JOIN delinquency_plans r ON r.tenant_id = d.tenant_id AND r.id = d.plan_id
   WHERE f.tenant_id = d.tenant_id AND f.owner_type = 'policy' AND f.owner_locator = d.policy_locator::text
     AND f.currency = d.currency AND f.balance_minor > 0`;

/** Money that came after the cover had ended. */
@Injectable()
export class LateMoneyRepository {
  /** Of these payments; nothing where nothing has lapsed. */
  async of(tx: Tx, payments: readonly Concerned[]): Promise<LateMoney[]> {
    const rows = await tx.query<Row>(LATE_MONEY, [
      payments.map(({ tenantId }) => tenantId),
      payments.map(({ locator }) => locator),
      payments.map(({ id }) => id),
    ]);
    return rows.map(({ appliedMinor, unappliedMinor, lyingMinor, ...ids }) => ({
      ...ids,
      appliedMinor: BigInt(appliedMinor),
      unappliedMinor: BigInt(unappliedMinor),
      lyingMinor: BigInt(lyingMinor),
    }));
  }

  /** What of it lies unapplied is given back once no reinstatement can come any more. */
  async keep(tx: Tx, late: readonly LateMoney[]): Promise<void> {
    if (late.length === 0) return;
    await tx.execute(KEEP, [late.map(({ tenantId }) => tenantId), late.map(({ delinquencyId }) => delinquencyId)]);
  }
}
