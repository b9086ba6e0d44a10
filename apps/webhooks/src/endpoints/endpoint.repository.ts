import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Endpoint } from '../domain/endpoint.ts';

interface EndpointRow {
  tenant_id: string;
  id: string;
  shard: number;
  url: string;
  event_types: string[] | null;
  description: string | null;
  state: Endpoint['state'];
  disabled_reason: string | null;
  hold_until: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** A secret as it is stored: opened only where it is shown once or signed with. */
export interface SealedSecret {
  readonly tenantId: string;
  readonly id: string;
  readonly endpointId: string;
  readonly ciphertext: Buffer;
  readonly keyVersion: number;
  readonly notBefore: Date;
}

export interface Hold {
  readonly tenantId: string;
  readonly id: string;
  readonly until: Date;
}

export interface PageBefore {
  readonly before: string | null;
  readonly limit: number;
}

const COLUMNS = `tenant_id, id, shard, url, event_types, description, state, disabled_reason, hold_until, version,
  created_at, updated_at`;
const SHOWN = `state IN ('active', 'paused', 'disabled')`;

const INSERT = `
  INSERT INTO endpoints (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const INSERT_SECRET = `
  INSERT INTO endpoint_secrets (tenant_id, id, endpoint_id, kind, ciphertext, key_version, not_before)
  VALUES ($1, $2, $3, 'hmac', $4, $5, $6)`;
const UPDATE = `
  UPDATE endpoints SET url = $3, event_types = $4, description = $5, state = $6, disabled_reason = $7, hold_until = $8,
         version = $9, updated_at = $10
   WHERE tenant_id = $1 AND id = $2`;
const RAISE_CONFIG = `
  INSERT INTO tenant_configs AS c (tenant_id) VALUES ($1)
  ON CONFLICT (tenant_id) DO UPDATE SET config_version = c.config_version + 1`;
const FIND = `SELECT ${COLUMNS} FROM endpoints WHERE tenant_id = $1 AND id = $2 AND ${SHOWN}`;
/** Not FOR UPDATE: the foreign key check of a fan-out that is under way must not wait for this, nor this for it. */
const LOCK = `${FIND} FOR NO KEY UPDATE`;
const PAGE = `
  SELECT ${COLUMNS} FROM endpoints
   WHERE tenant_id = $1 AND ${SHOWN} AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;
const HOLD = `
  UPDATE endpoints e SET hold_until = greatest(e.hold_until, h.until)
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS h (tenant_id, id, until)
   WHERE e.tenant_id = h.tenant_id AND e.id = h.id`;
const FIRST_SECRET = `
  SELECT tenant_id AS "tenantId", id, endpoint_id AS "endpointId", ciphertext, key_version AS "keyVersion",
         not_before AS "notBefore"
    FROM endpoint_secrets WHERE tenant_id = $1 AND endpoint_id = $2 ORDER BY id LIMIT 1`;

/**
 * Endpoints and their secrets. Whatever changes what or where to send also raises the tenant's configuration version,
 * in the same transaction: caches compare it, so that no event is matched against an endpoint list of yesterday.
 */
@Injectable()
export class EndpointRepository {
  async insert(tx: Tx, endpoint: Endpoint, secret: SealedSecret): Promise<void> {
    const e = endpoint;
    await Promise.all([
      tx.execute(RAISE_CONFIG, [e.tenantId]),
      tx.execute(INSERT, [
        ...[e.tenantId, e.id, e.shard, e.url, e.eventTypes, e.description, e.state, e.disabledReason, e.holdUntil],
        ...[e.version, e.createdAt, e.updatedAt],
      ]),
      tx.execute(INSERT_SECRET, [
        ...[secret.tenantId, secret.id, secret.endpointId, secret.ciphertext, secret.keyVersion, secret.notBefore],
      ]),
    ]);
  }

  async update(tx: Tx, e: Endpoint): Promise<void> {
    await Promise.all([
      tx.execute(RAISE_CONFIG, [e.tenantId]),
      tx.execute(UPDATE, [
        ...[e.tenantId, e.id, e.url, e.eventTypes, e.description, e.state, e.disabledReason, e.holdUntil],
        ...[e.version, e.updatedAt],
      ]),
    ]);
  }

  /** Only ever moves a hold further away; the dispatcher that learnt of it knows already, so no cache is told. */
  async hold(tx: Tx, holds: readonly Hold[]): Promise<void> {
    if (holds.length === 0) return;
    await tx.execute(HOLD, [holds.map((h) => h.tenantId), holds.map((h) => h.id), holds.map((h) => h.until)]);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<Endpoint | null> {
    const [row] = await tx.query<EndpointRow>(FIND, [tenantId, id]);
    return row ? fromRow(row) : null;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<Endpoint | null> {
    const [row] = await tx.query<EndpointRow>(LOCK, [tenantId, id]);
    return row ? fromRow(row) : null;
  }

  async page(tx: Tx, tenantId: string, { before, limit }: PageBefore): Promise<Endpoint[]> {
    return (await tx.query<EndpointRow>(PAGE, [tenantId, before, limit])).map(fromRow);
  }

  async firstSecret(tx: Tx, tenantId: string, endpointId: string): Promise<SealedSecret | null> {
    const [secret] = await tx.query<SealedSecret>(FIRST_SECRET, [tenantId, endpointId]);
    return secret ?? null;
  }
}

function fromRow(row: EndpointRow): Endpoint {
  return {
    tenantId: row.tenant_id,
    id: row.id,
    shard: row.shard,
    url: row.url,
    eventTypes: row.event_types,
    description: row.description,
    state: row.state,
    disabledReason: row.disabled_reason,
    holdUntil: row.hold_until,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
