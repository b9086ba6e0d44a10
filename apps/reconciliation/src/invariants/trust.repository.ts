import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

/**
 * A place where an agency does not hold what it holds for others. The subject is a policy, or a payment of none;
 * without one it is money that left the trust for nobody's sake, a fee that was not topped up, or came in so.
 */
export interface TrustShortage {
  readonly tenantId: string;
  readonly subject: string | null;
  readonly currency: string;
  /** Below zero: so much more went out than had come in. */
  readonly floatMinor: bigint;
}

/** The trust account, and what is on its way into it. */
const FIDUCIARY = `('1020', '1100', '1110', '1120', '1150')`;
const LISTED_MAX = 100;

/**
 * I12. Each payment, refund, payout to a party and sweep is of a policy or payment; batches and bank lines are of none,
 * and move money within the trust only. So the floats add up to what is in the trust when nobody's is zero.
 */
const SHORTAGES = `
  SELECT l.tenant_id AS "tenantId", coalesce(l.policy_locator, l.payment_locator) AS subject, l.currency,
         sum(l.amount_minor)::text AS minor
    FROM ledger_settings s
    JOIN journal_lines l ON l.tenant_id = s.tenant_id AND l.account IN ${FIDUCIARY}
   WHERE s.rule_set = 'agency_bill'
   GROUP BY l.tenant_id, coalesce(l.policy_locator, l.payment_locator), l.currency
  HAVING sum(l.amount_minor) < 0
      OR (coalesce(l.policy_locator, l.payment_locator) IS NULL AND sum(l.amount_minor) <> 0)
   ORDER BY 1, 2 LIMIT ${LISTED_MAX}`;

@Injectable()
export class TrustRepository {
  async shortages(tx: Tx): Promise<TrustShortage[]> {
    const rows = await tx.query<Omit<TrustShortage, 'floatMinor'> & { minor: string }>(SHORTAGES);
    return rows.map(({ minor, ...row }) => ({ ...row, floatMinor: BigInt(minor) }));
  }
}
