import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Envelope } from '@quittance/service-kit/secrets/envelope';
import { Directory, NO_TENANT } from '../clients/directory.ts';
import { placeOf } from './api-key.ts';
import type { ApiKey, StoredApiKey } from './api-key.ts';
import { ApiKeyRepository } from './api-key.repository.ts';

/** Keys of partners by their public half, with their secrets opened: in this process's memory and nowhere else. */
@Injectable()
export class ApiKeyDirectory extends Directory<ApiKey> {
  constructor(
    private readonly db: Database,
    private readonly keys: ApiKeyRepository,
    envelope: Envelope,
    clock: Clock,
  ) {
    super(async (apiKey) => {
      const stored = await db.withTenant(NO_TENANT, (tx) => keys.find(tx, apiKey));
      return stored && opened(stored, envelope);
    }, clock);
  }

  /** Whether this signature was not used before. It is from now on, until `expiresAt`. */
  useOnce({ tenantId, apiKey }: ApiKey, use: { signature: Buffer; now: Date; expiresAt: Date }): Promise<boolean> {
    return this.db.withTenant(tenantId, (tx) => this.keys.useOnce(tx, { tenantId, apiKey, ...use }));
  }
}

function opened(stored: StoredApiKey, envelope: Envelope): ApiKey {
  const { tenantId, apiKey } = stored;
  const secrets = stored.secrets.map(({ slot, expiresAt, ...sealed }) => ({
    slot,
    expiresAt,
    key: createSecretKey(Buffer.from(envelope.open(sealed, placeOf(tenantId, apiKey, slot)))),
  }));
  return { ...stored, secrets };
}
