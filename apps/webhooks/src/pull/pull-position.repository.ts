import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

// Locked in one order, so that two batches with several tenants cannot wait for each other.
const ADVANCE = `
  WITH held AS MATERIALIZED (
    SELECT p.tenant_id, w.count
      FROM unnest($1::uuid[], $2::int[]) AS w (tenant_id, count) JOIN pull_positions p ON p.tenant_id = w.tenant_id
     WHERE EXISTS (SELECT FROM pull_consumers c WHERE c.tenant_id = p.tenant_id)
     ORDER BY p.tenant_id FOR NO KEY UPDATE OF p
  )
  UPDATE pull_positions p SET last_position = p.last_position + held.count FROM held
   WHERE p.tenant_id = held.tenant_id
  RETURNING p.tenant_id AS "tenantId", p.last_position - held.count AS before`;
const OPEN = `INSERT INTO pull_positions (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING`;
const LAST = `SELECT last_position AS last FROM pull_positions WHERE tenant_id = $1`;

export interface TakenPlaces {
  readonly tenantId: string;
  /** The last place before those that were taken. */
  readonly before: string;
}

@Injectable()
export class PullPositionRepository {
  /** Takes so many places for each tenant that has a consumer. Others cost a look into an index. */
  advance(tx: Tx, counts: readonly { tenantId: string; count: number }[]): Promise<TakenPlaces[]> {
    return tx.query<TakenPlaces>(ADVANCE, [counts.map((c) => c.tenantId), counts.map((c) => c.count)]);
  }

  /** The tenant has a feed from now on. */
  async open(tx: Tx, tenantId: string): Promise<void> {
    await tx.execute(OPEN, [tenantId]);
  }

  async last(tx: Tx, tenantId: string): Promise<bigint> {
    return BigInt((await tx.query<{ last: string }>(LAST, [tenantId]))[0]?.last ?? 0);
  }
}
