import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { disableAfter, noticesAfterMs } from '../domain/health.ts';
import type { EndpointHealth, Failing, Streak } from '../domain/health.ts';

export interface FailingEndpoint extends Failing {
  readonly lastStatus: number | null;
}

export interface EndpointKey {
  readonly tenantId: string;
  readonly endpointId: string;
}

const WELL = `
  failing_since = NULL, failures = 0, exhausted = 0, suspects = 0, last_failure_at = NULL, last_status = NULL,
  notices = 0, assess_at = NULL`;
const RECOVER = `
  UPDATE endpoint_health h SET ${WELL}
    FROM unnest($1::uuid[], $2::uuid[]) AS s (tenant_id, endpoint_id)
   WHERE h.tenant_id = s.tenant_id AND h.endpoint_id = s.endpoint_id AND h.failing_since IS NOT NULL`;
/**
 * Exact up to the number that disabling asks for, then once a minute: an endpoint that fails a thousand times a second
 * is not worth a thousand writes. What is exhausted is always written.
 */
const FAIL = `
  INSERT INTO endpoint_health AS h (tenant_id, endpoint_id, failing_since, failures, exhausted, suspects,
                                    last_failure_at, last_status, assess_at)
  SELECT f.*, f.failing_since + make_interval(secs => $9)
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int[], $5::int[], $6::int[], $7::timestamptz[],
                $8::smallint[])
      AS f (tenant_id, endpoint_id, failing_since, failures, exhausted, suspects, last_failure_at, last_status)
  ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET
    failing_since = coalesce(h.failing_since, excluded.failing_since),
    failures = h.failures + excluded.failures, exhausted = h.exhausted + excluded.exhausted,
    suspects = h.suspects + excluded.suspects, last_failure_at = excluded.last_failure_at,
    last_status = excluded.last_status, assess_at = coalesce(h.assess_at, excluded.assess_at)
   WHERE h.failing_since IS NULL OR h.failures < $10 OR excluded.exhausted > 0
      OR excluded.last_failure_at > h.last_failure_at + interval '1 minute'`;
const FORGET = `UPDATE endpoint_health SET ${WELL} WHERE tenant_id = $1 AND endpoint_id = $2`;
const DUE = `
  SELECT tenant_id AS "tenantId", endpoint_id AS "endpointId" FROM endpoint_health
   WHERE assess_at <= $1 ORDER BY assess_at LIMIT $2`;
const LOCK_DUE = `
  SELECT failing_since AS since, failures, last_failure_at AS "lastFailureAt", notices::int,
         last_status AS "lastStatus"
    FROM endpoint_health WHERE tenant_id = $1 AND endpoint_id = $2 AND assess_at <= $3 FOR NO KEY UPDATE`;
const ASSESSED = `
  UPDATE endpoint_health SET notices = $3, assess_at = $4 WHERE tenant_id = $1 AND endpoint_id = $2`;
const FIND = `
  SELECT failing_since AS "failingSince", failures, exhausted, suspects, last_failure_at AS "lastFailureAt",
         last_status AS "lastStatus"
    FROM endpoint_health WHERE tenant_id = $1 AND endpoint_id = $2`;

/** How endpoints are doing. Whoever locks the endpoint, too, locks it first. */
@Injectable()
export class EndpointHealthRepository {
  async recover(tx: Tx, endpoints: readonly EndpointKey[]): Promise<void> {
    if (endpoints.length === 0) return;
    await tx.execute(RECOVER, [endpoints.map((e) => e.tenantId), endpoints.map((e) => e.endpointId)]);
  }

  async fail(tx: Tx, streaks: readonly Streak[]): Promise<void> {
    if (streaks.length === 0) return;
    const s = streaks;
    await tx.execute(FAIL, [
      ...[s.map((e) => e.tenantId), s.map((e) => e.endpointId), s.map((e) => e.firstAt), s.map((e) => e.failures)],
      ...[s.map((e) => e.exhausted), s.map((e) => e.suspects), s.map((e) => e.lastAt), s.map((e) => e.lastStatus)],
      ...[(noticesAfterMs[0] ?? 0) / 1000, disableAfter.failures],
    ]);
  }

  /** As if it had never failed. */
  async forget(tx: Tx, tenantId: string, endpointId: string): Promise<void> {
    await tx.execute(FORGET, [tenantId, endpointId]);
  }

  /** Endpoints about which something may have to be said or done by now. */
  due(tx: Tx, now: Date, limit: number): Promise<EndpointKey[]> {
    return tx.query<EndpointKey>(DUE, [now, limit]);
  }

  /** null: another process was quicker, or it is well again. */
  async lockDue(tx: Tx, { tenantId, endpointId }: EndpointKey, now: Date): Promise<FailingEndpoint | null> {
    return (await tx.query<FailingEndpoint>(LOCK_DUE, [tenantId, endpointId, now]))[0] ?? null;
  }

  async assessed(tx: Tx, { tenantId, endpointId }: EndpointKey, notices: number, assessAt: Date | null): Promise<void> {
    await tx.execute(ASSESSED, [tenantId, endpointId, notices, assessAt]);
  }

  async find(tx: Tx, tenantId: string, endpointId: string): Promise<EndpointHealth | null> {
    return (await tx.query<EndpointHealth>(FIND, [tenantId, endpointId]))[0] ?? null;
  }
}
