import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { Gap, MissedRange } from '../domain/backlog.ts';

export interface RecoveredRange {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly replayId: string;
  readonly fromId: string;
  readonly untilId: string;
}

const COUNT_ENDPOINT = `
  SELECT count(*)::int AS rows FROM (SELECT FROM deliveries WHERE shard = $1 AND endpoint_id = $2 LIMIT $3) d`;
const COUNT_TENANT = `SELECT count(*)::int AS rows FROM (SELECT FROM deliveries WHERE tenant_id = $1 LIMIT $2) d`;
const MARK = `
  INSERT INTO backlog_gaps AS g (tenant_id, id, endpoint_id, reason, first_message_id, last_message_id, missed,
                                 created_at, updated_at)
  SELECT r.*, $8, $8
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::bigint[])
      AS r (tenant_id, id, endpoint_id, reason, first_message_id, last_message_id, missed)
  ON CONFLICT (tenant_id, endpoint_id, reason) WHERE recovered_at IS NULL DO UPDATE SET
    first_message_id = least(g.first_message_id, excluded.first_message_id),
    last_message_id = greatest(g.last_message_id, excluded.last_message_id),
    missed = g.missed + excluded.missed, updated_at = excluded.updated_at`;
const OPEN_GAPS = `
  SELECT reason, first_message_id AS "firstMessageId", last_message_id AS "lastMessageId", missed::float8 AS missed,
         created_at AS "createdAt"
    FROM backlog_gaps WHERE tenant_id = $1 AND endpoint_id = $2 AND recovered_at IS NULL ORDER BY first_message_id`;
const CLOSE = `
  UPDATE backlog_gaps SET recovered_at = $6, replay_id = $3
   WHERE tenant_id = $1 AND endpoint_id = $2 AND recovered_at IS NULL AND first_message_id >= $4
     AND last_message_id < $5`;
const ENDPOINT_IS_HIGH = `
  INSERT INTO endpoint_health AS h (tenant_id, endpoint_id, backlog_high) VALUES ($1, $2, true)
  ON CONFLICT (tenant_id, endpoint_id) DO UPDATE SET backlog_high = true WHERE NOT h.backlog_high`;
const ENDPOINTS_ARE_LOW = `
  UPDATE endpoint_health SET backlog_high = false WHERE backlog_high AND NOT endpoint_id = ANY($1)`;
const TENANT_IS_HIGH = `
  UPDATE tenant_configs SET backlog_high = true, backlog_version = backlog_version + 1
   WHERE tenant_id = $1 AND NOT backlog_high RETURNING backlog_version AS version`;
const TENANTS_ARE_LOW = `
  UPDATE tenant_configs SET backlog_high = false WHERE backlog_high AND NOT tenant_id = ANY($1)`;

@Injectable()
export class BacklogRepository {
  /** Never counts further than its limit: that it is reached is all that is asked. */
  async countEndpoint(tx: Tx, { shard, endpointId }: { shard: number; endpointId: string }, limit: number) {
    return (await tx.query<{ rows: number }>(COUNT_ENDPOINT, [shard, endpointId, limit]))[0]?.rows ?? 0;
  }

  async countTenant(tx: Tx, tenantId: string, limit: number): Promise<number> {
    return (await tx.query<{ rows: number }>(COUNT_TENANT, [tenantId, limit]))[0]?.rows ?? 0;
  }

  /** In the transaction that stores the messages: what becomes no delivery is written down as that. */
  async markGaps(tx: Tx, ranges: readonly MissedRange[], now: Date): Promise<void> {
    if (ranges.length === 0) return;
    const r = ranges;
    await tx.execute(MARK, [
      ...[r.map((e) => e.tenantId), r.map(() => newId()), r.map((e) => e.endpointId), r.map((e) => e.reason)],
      ...[r.map((e) => e.firstId), r.map((e) => e.lastId), r.map((e) => e.count), now],
    ]);
  }

  openGaps(tx: Tx, tenantId: string, endpointId: string): Promise<Gap[]> {
    return tx.query<Gap>(OPEN_GAPS, [tenantId, endpointId]);
  }

  /** Only those that lie within the range as a whole. */
  async closeGaps(tx: Tx, range: RecoveredRange, now: Date): Promise<void> {
    const { tenantId, endpointId, replayId, fromId, untilId } = range;
    await tx.execute(CLOSE, [tenantId, endpointId, replayId, fromId, untilId, now]);
  }

  /** Whether it was not before. */
  async markEndpointHigh(tx: Tx, tenantId: string, endpointId: string): Promise<boolean> {
    return (await tx.execute(ENDPOINT_IS_HIGH, [tenantId, endpointId])) > 0;
  }

  /** The version of the tenant's next event about it; null: it was high before. */
  async markTenantHigh(tx: Tx, tenantId: string): Promise<number | null> {
    return (await tx.query<{ version: number }>(TENANT_IS_HIGH, [tenantId]))[0]?.version ?? null;
  }

  /** All but these have room again. */
  async clearHigh(tx: Tx, endpointIds: readonly string[], tenantIds: readonly string[]): Promise<void> {
    await Promise.all([tx.execute(ENDPOINTS_ARE_LOW, [endpointIds]), tx.execute(TENANTS_ARE_LOW, [tenantIds])]);
  }
}
