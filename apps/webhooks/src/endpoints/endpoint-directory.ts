import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import { WebhooksConfig } from '../config.ts';
import { parseSecret } from '../deliveries/signature.ts';
import type { SigningKey } from '../deliveries/signature.ts';
import { misses, wants } from '../domain/endpoint.ts';
import type { Endpoint } from '../domain/endpoint.ts';
import { acceptanceOf } from '../domain/matching.ts';
import type { Acceptance, Published } from '../domain/matching.ts';
import { openCredentials } from './credentials.ts';
import type { CredentialRow, Credentials } from './credentials.ts';
import { ENDPOINT } from './endpoint.repository.ts';
import { payloadVersions } from './event-catalogue.ts';
import { endpointSecretPlace } from './secret-place.ts';

/** What it takes to match and to send, ready for use. */
export interface Target extends Omit<Endpoint, 'url'> {
  readonly url: URL;
  /** Newest first, with those to come: `signedHeaders` takes the ones that are live. */
  readonly keys: readonly SigningKey[];
  /** Its channels and its filter, compiled. */
  readonly accepts: Acceptance;
  readonly credentials: Credentials;
}

interface SecretRow {
  readonly id: string;
  readonly ciphertext: string;
  readonly notBefore: string;
  readonly expiresAt: string | null;
}

interface TargetRow extends Endpoint {
  readonly secrets: readonly SecretRow[];
  readonly credentials: readonly CredentialRow[];
}

const typesMax = 1_000;

interface VersionRow {
  tenant_id: string;
  config_version: string;
  weight: number;
}

const VERSIONS = `SELECT tenant_id, config_version, weight FROM tenant_configs WHERE tenant_id = ANY($1)`;
// Those to come, too: which of them signs is decided at each send, so that a secret begins and ends on time in whatever
// process has it in memory. A minute is kept beyond the end, for a clock that is behind the database's.
const TARGETS = `
  SELECT ${ENDPOINT}, s.secrets, c.credentials
    FROM endpoints e
    CROSS JOIN LATERAL (
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'ciphertext', encode(s.ciphertext, 'base64'),
                                                   'notBefore', s.not_before, 'expiresAt', s.expires_at)
                                ORDER BY s.id DESC), '[]') AS secrets
        FROM endpoint_secrets s
       WHERE s.tenant_id = e.tenant_id AND s.endpoint_id = e.id
         AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp() - interval '1 minute')
    ) s
    CROSS JOIN LATERAL (
      SELECT coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'revision', c.revision,
                                                   'ciphertext', encode(c.ciphertext, 'base64'))), '[]') AS credentials
        FROM endpoint_credentials c WHERE c.tenant_id = e.tenant_id AND c.endpoint_id = e.id
    ) c
   WHERE e.tenant_id = ANY($1) AND e.state <> 'deleted'`;

/**
 * The endpoints of tenants, in memory, with opened secrets. Exact and not timed: the version that every change of an
 * endpoint raises is read with each use, and only what has moved is loaded again. The version is read first and the
 * endpoints after it, so that a change in between is at worst loaded twice and never missed.
 */
@Injectable()
export class EndpointDirectory {
  private readonly versions = new Map<string, string>();
  private readonly weights = new Map<string, number>();
  private readonly byTenant = new Map<string, readonly Target[]>();
  private readonly byId = new Map<string, Target>();
  /** By tenant and type, made when a type is first asked for: most endpoints want few types. */
  private readonly byType = new Map<string, Map<string, readonly Target[]>>();

  constructor(
    private readonly secrets: SecretBox,
    private readonly config: WebhooksConfig,
  ) {}

  /** Brings these tenants up to what was committed when this was called. */
  async refresh(tx: Tx, tenantIds: readonly string[]): Promise<void> {
    const rows = await tx.query<VersionRow>(VERSIONS, [tenantIds]);
    for (const { tenant_id, weight } of rows) this.weights.set(tenant_id, weight);
    const moved = rows.filter((row) => this.versions.get(row.tenant_id) !== row.config_version);
    if (moved.length === 0) return;
    const targets = await tx.query<TargetRow>(TARGETS, [moved.map((row) => row.tenant_id)]);
    // Several transactions refresh at once: one that read an older version must not undo what a newer one brought.
    const newer = new Set(moved.filter((row) => this.isNewer(row)).map((row) => row.tenant_id));
    for (const row of moved.filter(({ tenant_id }) => newer.has(tenant_id))) {
      this.forget(row.tenant_id);
      this.versions.set(row.tenant_id, row.config_version);
    }
    for (const row of targets.filter(({ tenantId }) => newer.has(tenantId))) this.remember(this.targetOf(row));
  }

  ofTenant(tenantId: string): readonly Target[] {
    return this.byTenant.get(tenantId) ?? [];
  }

  /** Who is to get this message, and who would, were it not disabled: that it was missed is written down. */
  concerned(tenantId: string, message: Published): Target[] {
    return this.subscribers(tenantId, message.type).filter((target) => target.accepts(message));
  }

  /** Its share of the slots, compared with other tenants'. */
  weightOf(tenantId: string): number {
    return this.weights.get(tenantId) ?? 1;
  }

  find(endpointId: string): Target | undefined {
    return this.byId.get(endpointId);
  }

  /** What the last refresh brought the tenant to; undefined: nobody asked for it yet, or it has no endpoint. */
  versionOf(tenantId: string): string | undefined {
    return this.versions.get(tenantId);
  }

  private subscribers(tenantId: string, type: string): readonly Target[] {
    const known = this.byType.get(tenantId) ?? new Map<string, readonly Target[]>();
    const targets =
      known.get(type) ??
      this.ofTenant(tenantId).filter(
        (target) => (wants(target, type) || misses(target, type)) && payloadVersions.takes(type, target.payloadVersion),
      );
    // Types that a tenant makes up itself have no end.
    if (known.size >= typesMax) known.clear();
    this.byType.set(tenantId, known.set(type, targets));
    return targets;
  }

  private isNewer({ tenant_id, config_version }: VersionRow): boolean {
    return BigInt(config_version) > BigInt(this.versions.get(tenant_id) ?? 0);
  }

  private forget(tenantId: string): void {
    for (const { id } of this.ofTenant(tenantId)) this.byId.delete(id);
    this.byTenant.delete(tenantId);
    this.byType.delete(tenantId);
  }

  private remember(target: Target): void {
    this.byId.set(target.id, target);
    this.byTenant.set(target.tenantId, [...this.ofTenant(target.tenantId), target]);
  }

  private targetOf({ secrets, credentials, ...endpoint }: TargetRow): Target {
    const { tenantId, url, state, verifiedAt } = endpoint;
    // Without consent, where that is asked for, events are kept as for a paused endpoint and nothing is sent.
    const isHeld = this.config.webhookRequireVerified && verifiedAt === null && state === 'active';
    return {
      ...endpoint,
      state: isHeld ? 'paused' : state,
      credentials: openCredentials(endpoint, credentials, this.secrets),
      url: new URL(url),
      accepts: acceptanceOf(endpoint),
      keys: secrets.map((secret) => this.keyOf(tenantId, secret)),
    };
  }

  private keyOf(tenantId: string, { id, ciphertext, notBefore, expiresAt }: SecretRow): SigningKey {
    const text = this.secrets.open(Buffer.from(ciphertext, 'base64'), endpointSecretPlace(tenantId, id));
    const until = expiresAt === null ? null : new Date(expiresAt);
    return parseSecret(text, { notBefore: new Date(notBefore), expiresAt: until });
  }
}
