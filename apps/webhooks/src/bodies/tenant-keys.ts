import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import type { SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import { randomBytes } from 'node:crypto';
import { EndpointDirectory } from '../endpoints/endpoint-directory.ts';
import { KeyRing } from './key-ring.ts';
import { TenantKeyRepository } from './tenant-key.repository.ts';
import type { NewTenantKey, TenantKeyRow } from './tenant-key.repository.ts';

/** Random IVs of 96 bits are good for 2^32 bodies a key: at 1,000 a second for 49 days. */
const keyLifeMs = 30 * 86_400_000;

export type Rings = ReadonlyMap<string, KeyRing>;

interface Cached {
  /** The tenant's configuration version that it was read under: destroying keys raises it. */
  readonly version: string | undefined;
  readonly ring: KeyRing;
}

/**
 * Every tenant's data keys, opened, in memory. As exact as the endpoints are: both go by the configuration version that
 * is read with each batch, so a destroyed key is used for nothing that begins after its destruction, and the hot path
 * asks the database nothing. A new key is remembered only after its commit: one that was rolled back must seal nothing.
 */
@Injectable()
export class TenantKeys {
  private readonly cache = new Map<string, Cached>();

  constructor(
    private readonly repository: TenantKeyRepository,
    private readonly deployment: SecretBox,
    private readonly directory: EndpointDirectory,
    private readonly clock: Clock,
  ) {}

  /** Rings to seal with: a tenant without a usable key gets one. The directory has been refreshed before. */
  async toSeal(tx: Tx, tenantIds: readonly string[]): Promise<Rings> {
    const known = this.usable(tenantIds, (_, ring) => this.canSeal(ring));
    if (known.size === tenantIds.length) return known;
    const read = await this.read(
      tx,
      tenantIds.filter((tenantId) => !known.has(tenantId)),
    );
    const lacking = [...read].filter(([, ring]) => !this.canSeal(ring));
    if (lacking.length === 0) return new Map([...known, ...read]);
    await this.repository.insert(
      tx,
      lacking.map(([tenantId, ring]) => this.newKey(tenantId, (ring.newest?.id ?? 0) + 1)),
    );
    return new Map([...known, ...read, ...(await this.readMade(tx, lacking))]);
  }

  /** Rings that know the keys of these bodies. A key of which there is no row is as good as destroyed. */
  async toOpen(tx: Tx, stored: readonly { readonly tenantId: string; readonly body: Buffer }[]): Promise<Rings> {
    const bodies = Map.groupBy(stored, ({ tenantId }) => tenantId);
    const tenantIds = [...bodies.keys()];
    const known = this.usable(tenantIds, (id, ring) => bodies.get(id)?.every(({ body }) => ring.knows(body)) === true);
    const unknown = tenantIds.filter((tenantId) => !known.has(tenantId));
    return unknown.length === 0 ? known : new Map([...known, ...(await this.read(tx, unknown))]);
  }

  /** For a tenant's own eyes: straight from the table, by whatever process answers. */
  async ofTenant(tx: Tx, tenantId: string): Promise<KeyRing> {
    return (
      ringsOf([tenantId], await this.repository.find(tx, [tenantId]), this.unwrap).get(tenantId) ?? new KeyRing([])
    );
  }

  /** Rings in memory whose tenant's configuration has moved are read again. The directory has been refreshed before. */
  async refresh(tx: Tx, tenantIds: readonly string[]): Promise<void> {
    const moved = tenantIds.filter((tenantId) => this.cache.has(tenantId) && this.current(tenantId) === undefined);
    if (moved.length > 0) await this.read(tx, moved);
  }

  newestId(tenantId: string): number | undefined {
    return this.cache.get(tenantId)?.ring.newest?.id;
  }

  isDestroyed(tenantId: string, keyId: number): boolean {
    return this.cache.get(tenantId)?.ring.isDestroyed(keyId) === true;
  }

  private current(tenantId: string): KeyRing | undefined {
    const cached = this.cache.get(tenantId);
    const version = this.directory.versionOf(tenantId);
    return version !== undefined && cached?.version === version ? cached.ring : undefined;
  }

  private canSeal({ newest }: KeyRing): boolean {
    return newest?.box != null && newest.createdAt.getTime() > this.clock.now().getTime() - keyLifeMs;
  }

  private usable(tenantIds: readonly string[], fits: (id: string, ring: KeyRing) => boolean): Map<string, KeyRing> {
    const rings = new Map<string, KeyRing>();
    for (const tenantId of tenantIds) {
      const ring = this.current(tenantId);
      if (ring !== undefined && fits(tenantId, ring)) rings.set(tenantId, ring);
    }
    return rings;
  }

  private async read(tx: Tx, tenantIds: readonly string[]): Promise<Rings> {
    const versions = this.versionsOf(tenantIds);
    const rings = ringsOf(tenantIds, await this.repository.find(tx, tenantIds), this.unwrap);
    this.remember(rings, versions);
    return rings;
  }

  private async readMade(tx: Tx, made: readonly (readonly [string, KeyRing])[]): Promise<Rings> {
    const tenantIds = made.map(([tenantId]) => tenantId);
    const versions = this.versionsOf(tenantIds);
    const rings = ringsOf(tenantIds, await this.repository.find(tx, tenantIds), this.unwrap);
    tx.afterCommit(() => this.remember(rings, versions));
    return rings;
  }

  /** Taken before the keys are read: what was destroyed meanwhile has raised the version, and is read again. */
  private versionsOf(tenantIds: readonly string[]): ReadonlyMap<string, string | undefined> {
    return new Map(tenantIds.map((tenantId) => [tenantId, this.directory.versionOf(tenantId)]));
  }

  private remember(rings: Rings, versions: ReadonlyMap<string, string | undefined>): void {
    for (const [tenantId, ring] of rings) this.cache.set(tenantId, { version: versions.get(tenantId), ring });
  }

  private newKey(tenantId: string, id: number): NewTenantKey {
    const wrapped = this.deployment.seal(randomBytes(32).toString('base64'), placeOf(tenantId, id));
    return { tenantId, id, wrapped, keyVersion: this.deployment.keyVersion, createdAt: this.clock.now() };
  }

  private readonly unwrap = ({ tenantId, id, wrapped }: TenantKeyRow): SecretBox | null =>
    wrapped && new SecretBox(Buffer.from(this.deployment.open(wrapped, placeOf(tenantId, id)), 'base64'), id);
}

function ringsOf(
  tenantIds: readonly string[],
  rows: readonly TenantKeyRow[],
  unwrap: (row: TenantKeyRow) => SecretBox | null,
): Map<string, KeyRing> {
  const byTenant = Map.groupBy(rows, ({ tenantId }) => tenantId);
  return new Map(
    tenantIds.map((tenantId) => {
      const keys = (byTenant.get(tenantId) ?? []).map((row) => ({ ...row, box: unwrap(row) }));
      return [tenantId, new KeyRing(keys)];
    }),
  );
}

function placeOf(tenantId: string, id: number): SecretPlace {
  return { tenantId, table: 'tenant_keys', column: 'wrapped', rowId: String(id) };
}
