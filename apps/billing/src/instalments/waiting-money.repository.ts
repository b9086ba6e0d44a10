import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PolicyKey } from '../policies/policy.repository.ts';

// One sweep at a time: it waits for the locks of payments, and another would only wait behind it for the same ones.
const CANDIDATES = (scope: string) => `
  SELECT f.tenant_id AS "tenantId", f.owner_locator AS locator
    FROM unapplied_funds f
   WHERE f.owner_type = 'policy' AND f.balance_minor > 0 AND ${scope}
     AND EXISTS (SELECT FROM invoices v
                  WHERE v.tenant_id = f.tenant_id AND v.policy_locator = f.owner_locator::uuid
                    AND v.state IN ('open', 'partially_paid'))
   ORDER BY f.tenant_id, f.owner_locator LIMIT $1`;
const REAL_TIME = CANDIDATES(`pg_try_advisory_xact_lock(hashtext('quittance.billing.apply'))
     AND NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = f.tenant_id)`);
const OF_TENANT = CANDIDATES('f.tenant_id = $2');

/** Money of policies that lies unapplied although something is owed. */
@Injectable()
export class WaitingMoneyRepository {
  policies(tx: Tx, tenantId: string | null, limit: number): Promise<PolicyKey[]> {
    if (tenantId === null) return tx.query<PolicyKey>(REAL_TIME, [limit]);
    return tx.query<PolicyKey>(OF_TENANT, [limit, tenantId]);
  }
}
