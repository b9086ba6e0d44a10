import type { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Envelope } from '@quittance/service-kit/secrets/envelope';
import { isUsable } from '../clients/client.ts';
import { newApiKey, newApiSecret } from '../credentials/credential.ts';
import { placeOf } from './api-key.ts';
import type { ApiKeyRepository, NewApiKey } from './api-key.repository.ts';

export interface ApiCredentials {
  apiKey: string;
  apiSecret: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
export const OVERLAP_DAYS_MAX = 30;

/** What an operator does with partners' keys, from the command line. Running gateways follow within a minute. */
export class ApiKeysService {
  constructor(
    private readonly db: Database,
    private readonly keys: ApiKeyRepository,
    private readonly envelope: Envelope,
  ) {}

  async create(key: Omit<NewApiKey, 'apiKey'>, environment: string): Promise<ApiCredentials> {
    const credentials = { apiKey: newApiKey(environment), apiSecret: newApiSecret(environment) };
    await this.put({ ...key, ...credentials });
    return credentials;
  }

  /** Makes the key be as given, with this secret as its only one. */
  async put(key: NewApiKey & ApiCredentials): Promise<void> {
    await this.db.tx(async (tx) => {
      await this.keys.upsert(tx, key);
      await this.putSecret(tx, key, { slot: 1, apiSecret: key.apiSecret });
      await this.keys.expireOthers(tx, key, 1, new Date());
    });
  }

  /** A second secret; the first ends `overlapDays` from now. Refused while two are usable. */
  async rotate(apiKey: string, overlapDays: number, now: Date): Promise<ApiCredentials> {
    if (!(overlapDays >= 0 && overlapDays <= OVERLAP_DAYS_MAX)) {
      throw new Error(`the old secret may live 0 to ${OVERLAP_DAYS_MAX} days longer`);
    }
    return this.db.tx(async (tx) => {
      const key = await this.keys.lock(tx, apiKey);
      if (!key || key.disabledAt !== null) throw new Error(`${apiKey} is unknown or revoked`);
      const taken = key.secrets.filter((secret) => isUsable(secret, now)).map(({ slot }) => slot);
      const slot = [1, 2].find((free) => !taken.includes(free));
      if (slot === undefined) throw new Error(`${apiKey} has two secrets that are still good: let one expire first`);
      const apiSecret = newApiSecret(apiKey.split('_')[1]!);
      await this.putSecret(tx, key, { slot, apiSecret });
      await this.keys.expireOthers(tx, key, slot, new Date(now.getTime() + overlapDays * DAY_MS));
      return { apiKey, apiSecret };
    });
  }

  async revoke(apiKey: string): Promise<void> {
    await this.db.tx(async (tx) => {
      const key = await this.keys.lock(tx, apiKey);
      if (!key) throw new Error(`${apiKey} is unknown`);
      await this.keys.disable(tx, key);
    });
  }

  private putSecret(
    tx: Tx,
    { tenantId, apiKey }: Pick<NewApiKey, 'tenantId' | 'apiKey'>,
    { slot, apiSecret }: { slot: number; apiSecret: string },
  ): Promise<void> {
    const sealed = this.envelope.seal(apiSecret, placeOf(tenantId, apiKey, slot));
    return this.keys.putSecret(tx, { tenantId, apiKey }, { slot, ...sealed });
  }
}
