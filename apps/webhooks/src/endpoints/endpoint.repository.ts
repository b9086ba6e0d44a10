import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Endpoint } from '../domain/endpoint.ts';

export interface Hold {
  readonly tenantId: string;
  readonly id: string;
  readonly until: Date;
}

export interface PageBefore {
  readonly before: string | null;
  readonly limit: number;
  /** null: all of the tenant. */
  readonly only: readonly string[] | null;
}

/** The columns of an endpoint and what each of them holds: its row in SQL, in one place. */
const fields: { readonly [Field in keyof Endpoint]: string } = {
  tenantId: 'tenant_id',
  id: 'id',
  shard: 'shard',
  url: 'url',
  eventTypes: 'event_types',
  channels: 'channels',
  filter: 'filter',
  contentMode: 'content_mode',
  payloadVersion: 'payload_version',
  description: 'description',
  ordering: 'ordering',
  ratePerSecond: 'rate_per_second',
  maxConcurrency: 'max_concurrency',
  timeoutSeconds: 'timeout_seconds',
  auth: 'auth',
  headerNames: 'header_names',
  retrySchedule: 'retry_schedule',
  auditStrict: 'audit_strict',
  state: 'state',
  disabledReason: 'disabled_reason',
  holdUntil: 'hold_until',
  verifiedAt: 'verified_at',
  breakerOpenedAt: 'breaker_opened_at',
  version: 'version',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
};
const names = Object.keys(fields) as (keyof Endpoint)[];
/** What never changes, beside the key. */
const fixed: readonly (keyof Endpoint)[] = ['tenantId', 'id', 'shard', 'createdAt'];
const changed = names.filter((name) => !fixed.includes(name));

/** An {@link Endpoint} of `e`. */
export const ENDPOINT = names.map((name) => `e.${fields[name]} AS "${name}"`).join(', ');
const SHOWN = `e.state IN ('active', 'paused', 'disabled')`;

const INSERT = `
  INSERT INTO endpoints (${names.map((name) => fields[name]).join(', ')})
  VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`;
const UPDATE = `
  UPDATE endpoints SET ${changed.map((name, at) => `${fields[name]} = $${at + 3}`).join(', ')}
   WHERE tenant_id = $1 AND id = $2`;
const RAISE_CONFIG = `
  INSERT INTO tenant_configs AS c (tenant_id) VALUES ($1)
  ON CONFLICT (tenant_id) DO UPDATE SET config_version = c.config_version + 1`;
const FIND = `SELECT ${ENDPOINT} FROM endpoints e WHERE e.tenant_id = $1 AND e.id = $2 AND ${SHOWN}`;
/** Not FOR UPDATE: the foreign key check of a fan-out that is under way must not wait for this, nor this for it. */
const LOCK = `${FIND} FOR NO KEY UPDATE`;
const PAGE = `
  SELECT ${ENDPOINT} FROM endpoints e
   WHERE e.tenant_id = $1 AND ${SHOWN} AND ($2::uuid IS NULL OR e.id < $2) AND ($4::uuid[] IS NULL OR e.id = ANY($4))
   ORDER BY e.id DESC LIMIT $3`;
const HOLD = `
  UPDATE endpoints e SET hold_until = greatest(e.hold_until, h.until)
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS h (tenant_id, id, until)
   WHERE e.tenant_id = h.tenant_id AND e.id = h.id`;

/**
 * Endpoints. Whatever changes what or where to send also raises the tenant's configuration version,
 * in the same transaction: caches compare it, so that no event is matched against an endpoint list of yesterday.
 */
@Injectable()
export class EndpointRepository {
  async insert(tx: Tx, endpoint: Endpoint): Promise<void> {
    await Promise.all([
      tx.execute(RAISE_CONFIG, [endpoint.tenantId]),
      tx.execute(
        INSERT,
        names.map((name) => endpoint[name]),
      ),
    ]);
  }

  async update(tx: Tx, endpoint: Endpoint): Promise<void> {
    const { tenantId, id } = endpoint;
    await Promise.all([
      tx.execute(RAISE_CONFIG, [tenantId]),
      tx.execute(UPDATE, [tenantId, id, ...changed.map((name) => endpoint[name])]),
    ]);
  }

  /** Only ever moves a hold further away; the dispatcher that learnt of it knows already, so no cache is told. */
  async hold(tx: Tx, holds: readonly Hold[]): Promise<void> {
    if (holds.length === 0) return;
    await tx.execute(HOLD, [holds.map((h) => h.tenantId), holds.map((h) => h.id), holds.map((h) => h.until)]);
  }

  /** Also for what else caches go by: destroyed keys. */
  async raiseConfig(tx: Tx, tenantId: string): Promise<void> {
    await tx.execute(RAISE_CONFIG, [tenantId]);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<Endpoint | null> {
    return (await tx.query<Endpoint>(FIND, [tenantId, id]))[0] ?? null;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<Endpoint | null> {
    return (await tx.query<Endpoint>(LOCK, [tenantId, id]))[0] ?? null;
  }

  page(tx: Tx, tenantId: string, { before, limit, only }: PageBefore): Promise<Endpoint[]> {
    return tx.query<Endpoint>(PAGE, [tenantId, before, limit, only]);
  }
}
