import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

export interface BreakerChange {
  readonly tenantId: string;
  readonly id: string;
  /** null: it closed. */
  readonly openedAt: Date | null;
}

export interface ChangedBreaker {
  readonly tenantId: string;
  readonly id: string;
  readonly version: number;
}

const CHANGE = `
  UPDATE endpoints e SET breaker_opened_at = b.opened_at, version = e.version + 1
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS b (tenant_id, id, opened_at)
   WHERE e.tenant_id = b.tenant_id AND e.id = b.id AND (e.breaker_opened_at IS NULL) <> (b.opened_at IS NULL)
     AND e.state NOT IN ('deleting', 'deleted')
  RETURNING e.tenant_id AS "tenantId", e.id, e.version`;
const RAISE_CONFIGS = `UPDATE tenant_configs SET config_version = config_version + 1 WHERE tenant_id = ANY($1)`;

/** Which endpoints' breakers are open: all that another owner of them has to know. */
@Injectable()
export class BreakerRepository {
  /** Answers those that this changed: one that is already so was said to be so. */
  async change(tx: Tx, changes: readonly BreakerChange[]): Promise<ChangedBreaker[]> {
    const changed = await tx.query<ChangedBreaker>(CHANGE, [
      ...[changes.map((c) => c.tenantId), changes.map((c) => c.id), changes.map((c) => c.openedAt)],
    ]);
    if (changed.length > 0) {
      await tx.execute(RAISE_CONFIGS, [[...new Set(changed.map(({ tenantId }) => tenantId))].toSorted()]);
    }
    return changed;
  }
}
