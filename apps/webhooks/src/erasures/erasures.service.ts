import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { TenantKeyRepository } from '../bodies/tenant-key.repository.ts';
import { EndpointRepository } from '../endpoints/endpoint.repository.ts';
import { ErasureRepository } from './erasure.repository.ts';
import type { Erasure } from './erasure.ts';

/**
 * Erasure by destroying keys: one small transaction, however much a tenant has stored. From its commit on nobody can
 * read what was kept until then; endpoints stay, and what comes later is kept under a new key.
 */
@Injectable()
export class ErasuresService {
  private readonly log = new Logger(ErasuresService.name);

  constructor(
    private readonly erasures: ErasureRepository,
    private readonly keys: TenantKeyRepository,
    private readonly endpoints: EndpointRepository,
    private readonly clock: Clock,
  ) {}

  async erase(tx: Tx, tenantId: string, requestedBy: string): Promise<Erasure> {
    const now = this.clock.now();
    // First: senders go by this version, and whoever raises it waits here for who does it now.
    await this.endpoints.raiseConfig(tx, tenantId);
    const keysDestroyed = await this.keys.destroyAll(tx, tenantId, now);
    const erasure: Erasure = {
      ...{ tenantId, id: newId(), state: 'running', keysDestroyed, deliveriesAborted: 0, requestedBy },
      ...{ createdAt: now, completedAt: null },
    };
    await this.erasures.insert(tx, erasure);
    const said = { audit: 'webhook_bodies_erased', tenantId, erasureId: erasure.id, requestedBy, keysDestroyed };
    tx.afterCommit(() => this.log.warn(said, 'webhook bodies erased'));
    return erasure;
  }

  page(tx: Tx, tenantId: string, before: string | null, limit: number): Promise<Erasure[]> {
    return this.erasures.page(tx, tenantId, before, limit);
  }
}
