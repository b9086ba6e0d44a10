import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Client } from './client.ts';
import { ClientRepository } from './client.repository.ts';
import { Directory, NO_TENANT } from './directory.ts';

/**
 * Clients by their public id: no secret, nor anything made of one, is ever kept here. A guess against a known client
 * costs an HMAC, not a statement.
 */
@Injectable()
export class ClientDirectory extends Directory<Client> {
  constructor(
    private readonly db: Database,
    private readonly clients: ClientRepository,
    clock: Clock,
  ) {
    super((clientId) => db.withTenant(NO_TENANT, (tx) => clients.find(tx, clientId)), clock);
  }

  touch(client: Client, slot: number): Promise<void> {
    return this.db.withTenant(client.tenantId, (tx) => this.clients.touch(tx, client.tenantId, client.clientId, slot));
  }
}
