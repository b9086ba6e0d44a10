import type { Database } from '@quittance/service-kit/database/database';
import { newClientId, newClientSecret } from '../credentials/credential.ts';
import type { SecretHasher } from '../credentials/secret-hasher.ts';
import { isUsable } from './client.ts';
import type { ClientRepository } from './client.repository.ts';

export interface Credentials {
  clientId: string;
  clientSecret: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
export const OVERLAP_DAYS_MAX = 30;

/** What an operator does with clients, from the command line. Running gateways follow within a minute. */
export class ClientsService {
  constructor(
    private readonly db: Database,
    private readonly clients: ClientRepository,
    private readonly hasher: SecretHasher,
  ) {}

  async create(client: { tenantId: string; name: string; scopes: readonly string[] }, environment: string) {
    const credentials = { clientId: newClientId(environment), clientSecret: newClientSecret(environment) };
    await this.put({ ...client, ...credentials });
    return credentials;
  }

  putTenant(tenant: { id: string; name: string; currency: string }): Promise<void> {
    return this.db.tx((tx) => this.clients.upsertTenant(tx, tenant));
  }

  /** Makes the client be as given, with this secret as its only one. */
  async put(client: Credentials & { tenantId: string; name: string; scopes: readonly string[] }): Promise<void> {
    const { tenantId, clientId, clientSecret } = client;
    await this.db.tx(async (tx) => {
      await this.clients.upsert(tx, client);
      await this.clients.putSecret(tx, { tenantId, clientId, slot: 1, ...this.hasher.hash(clientSecret) });
      const stored = await this.clients.find(tx, clientId);
      if (stored) await this.clients.expireOthers(tx, stored, 1, new Date());
    });
  }

  /** A second secret; the first ends `overlapDays` from now. Refused while two are usable. */
  async rotate(clientId: string, overlapDays: number, now: Date): Promise<Credentials> {
    if (!(overlapDays >= 0 && overlapDays <= OVERLAP_DAYS_MAX)) {
      throw new Error(`the old secret may live 0 to ${OVERLAP_DAYS_MAX} days longer`);
    }
    return this.db.tx(async (tx) => {
      const client = await this.clients.lock(tx, clientId);
      if (!client || client.disabledAt !== null) throw new Error(`${clientId} is unknown or revoked`);
      const taken = client.secrets.filter((secret) => isUsable(secret, now)).map(({ slot }) => slot);
      const slot = [1, 2].find((free) => !taken.includes(free));
      if (slot === undefined) throw new Error(`${clientId} has two secrets that are still good: let one expire first`);
      const clientSecret = newClientSecret(clientId.split('_')[1]!);
      await this.clients.putSecret(tx, {
        tenantId: client.tenantId,
        clientId,
        slot,
        ...this.hasher.hash(clientSecret),
      });
      await this.clients.expireOthers(tx, client, slot, new Date(now.getTime() + overlapDays * DAY_MS));
      return { clientId, clientSecret };
    });
  }

  async revoke(clientId: string): Promise<void> {
    await this.db.tx(async (tx) => {
      const client = await this.clients.lock(tx, clientId);
      if (!client) throw new Error(`${clientId} is unknown`);
      await this.clients.disable(tx, client);
    });
  }
}
