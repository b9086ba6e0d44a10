import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SecretBox } from '@quittance/service-kit/secrets/secret-box';
import type { SecretPlace } from '@quittance/service-kit/secrets/secret-box';
import { TenantKeyRepository } from './tenant-key.repository.ts';
import type { TenantKeyRow } from './tenant-key.repository.ts';

const FIRST_KEY = 1;

/**
 * Each tenant's own box (AES-256-GCM), its key sealed by the deployment's: what is sealed for one tenant opens for no
 * other, and is bound to its row beside. A new key is remembered only after its commit: one that was rolled back must
 * seal nothing.
 */
@Injectable()
export class TenantBoxes {
  private readonly opened = new Map<string, SecretBox>();

  constructor(
    private readonly keys: TenantKeyRepository,
    private readonly deployment: SecretBox,
    private readonly clock: Clock,
  ) {}

  async of(tx: Tx, tenantId: string): Promise<SecretBox> {
    const known = this.opened.get(tenantId);
    if (known) return known;
    const row = (await this.keys.find(tx, tenantId)) ?? (await this.make(tx, tenantId));
    const box = this.unwrap(row);
    tx.afterCommit(() => this.opened.set(tenantId, box));
    return box;
  }

  private async make(tx: Tx, tenantId: string): Promise<TenantKeyRow> {
    const place = placeOf({ tenantId, id: FIRST_KEY });
    const wrapped = this.deployment.seal(randomBytes(32).toString('base64'), place);
    await this.keys.insert(tx, { tenantId, id: FIRST_KEY, wrapped, createdAt: this.clock.now() });
    const row = await this.keys.find(tx, tenantId);
    if (!row) throw new Error('the key that was just made is not there');
    return row;
  }

  private unwrap(row: TenantKeyRow): SecretBox {
    return new SecretBox(Buffer.from(this.deployment.open(row.wrapped, placeOf(row)), 'base64'), row.id);
  }
}

function placeOf({ tenantId, id }: Pick<TenantKeyRow, 'tenantId' | 'id'>): SecretPlace {
  return { tenantId, table: 'tenant_keys', column: 'wrapped', rowId: String(id) };
}
