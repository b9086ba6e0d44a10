import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SEALED_UNDER } from '../bodies/tenant-key.repository.ts';
import type { Erasure, ErasureProgress } from './erasure.ts';

const INSERT = `
  INSERT INTO erasures (tenant_id, id, keys_destroyed, requested_by, created_at) VALUES ($1, $2, $3, $4, $5)`;
const PAGE = `
  SELECT tenant_id AS "tenantId", id, state, keys_destroyed AS "keysDestroyed",
         deliveries_aborted AS "deliveriesAborted", requested_by AS "requestedBy", created_at AS "createdAt",
         completed_at AS "completedAt"
    FROM erasures WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;
const LOCK_RUNNING = `
  SELECT tenant_id AS "tenantId", id, after_delivery AS "afterDelivery" FROM erasures
   WHERE state = 'running' ORDER BY tenant_id, id LIMIT 1 FOR UPDATE SKIP LOCKED`;
const OPEN = `
  SELECT id FROM deliveries WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`;
const ABORT = `
  WITH gone AS (
    DELETE FROM deliveries d USING messages m, tenant_keys k
     WHERE d.tenant_id = $1 AND d.id = ANY($2) AND m.tenant_id = d.tenant_id AND m.id = d.message_id
       AND k.tenant_id = d.tenant_id AND k.destroyed_at IS NOT NULL AND ${SEALED_UNDER('m', 'k')}
    RETURNING d.*
  )
  INSERT INTO attempts (tenant_id, id, delivery_id, endpoint_id, message_id, n, outcome, status, error, started_at,
                        result, delivery_created_at)
  SELECT g.tenant_id, ids.attempt_id, g.id, g.endpoint_id, g.message_id, g.attempt, 'not_sent', g.last_status, 'erased',
         now(), 'aborted', g.created_at
    FROM gone g JOIN unnest($2::uuid[], $3::uuid[]) AS ids (delivery_id, attempt_id) ON ids.delivery_id = g.id`;
const PROGRESS = `
  UPDATE erasures SET after_delivery = coalesce($3, after_delivery), deliveries_aborted = deliveries_aborted + $4,
                      state = CASE WHEN $5 THEN 'completed' ELSE state END,
                      completed_at = CASE WHEN $5 THEN now() END
   WHERE tenant_id = $1 AND id = $2`;

export interface ErasureStep {
  readonly lastSeen: string | null;
  readonly aborted: number;
  readonly isLast: boolean;
}

@Injectable()
export class ErasureRepository {
  async insert(tx: Tx, erasure: Erasure): Promise<void> {
    const { tenantId, id, keysDestroyed, requestedBy, createdAt } = erasure;
    await tx.execute(INSERT, [tenantId, id, keysDestroyed, requestedBy, createdAt]);
  }

  page(tx: Tx, tenantId: string, before: string | null, limit: number): Promise<Erasure[]> {
    return tx.query<Erasure>(PAGE, [tenantId, before, limit]);
  }

  async lockRunning(tx: Tx): Promise<ErasureProgress | null> {
    return (await tx.query<ErasureProgress>(LOCK_RUNNING))[0] ?? null;
  }

  /** The next open deliveries of the tenant, in the order of their ids. */
  async open(tx: Tx, { tenantId, afterDelivery }: ErasureProgress, limit: number): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(OPEN, [tenantId, afterDelivery, limit]);
    return rows.map(({ id }) => id);
  }

  /** Those of them whose message nobody can read any more. Answers how many. */
  abort(tx: Tx, tenantId: string, ids: readonly string[], newId: () => string): Promise<number> {
    return tx.execute(ABORT, [tenantId, ids, ids.map(() => newId())]);
  }

  async progress(tx: Tx, { tenantId, id }: ErasureProgress, { lastSeen, aborted, isLast }: ErasureStep): Promise<void> {
    await tx.execute(PROGRESS, [tenantId, id, lastSeen, aborted, isLast]);
  }
}
