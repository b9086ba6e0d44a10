import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { Envelope } from '@quittance/service-kit/secrets/envelope';
import { ApiKeyRepository } from './api-keys/api-key.repository.ts';
import { ApiKeysService } from './api-keys/api-keys.service.ts';
import { ClientRepository } from './clients/client.repository.ts';
import { ClientsService } from './clients/clients.service.ts';
import { SecretHasher } from './credentials/secret-hasher.ts';

export interface CommandOptions {
  /** The login of `gateway_worker`. */
  workerUrl: string;
  pepper: string;
}

export interface ApiKeyOptions {
  /** The login of `gateway_worker`. */
  workerUrl: string;
  apiSecretsKey: string;
}

/** What the commands share: clients under the worker role, and a connection that does not keep the process alive. */
export function withClients<T>(
  { workerUrl, pepper }: CommandOptions,
  work: (clients: ClientsService) => Promise<T>,
): Promise<T> {
  return withDatabase(workerUrl, (db) =>
    work(new ClientsService(db, new ClientRepository(), new SecretHasher(pepper))),
  );
}

/** The same with partners' keys. */
export function withApiKeys<T>(
  { workerUrl, apiSecretsKey }: ApiKeyOptions,
  work: (keys: ApiKeysService) => Promise<T>,
): Promise<T> {
  return withDatabase(workerUrl, (db) =>
    work(new ApiKeysService(db, new ApiKeyRepository(), new Envelope(apiSecretsKey))),
  );
}

async function withDatabase<T>(workerUrl: string, work: (db: Database) => Promise<T>): Promise<T> {
  const source = createDataSource({ url: workerUrl, applicationName: 'gateway-command', entities: [], poolMax: 1 });
  await source.initialize();
  const db = new Database(undefined, source);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** An administrator's URL as one that works under the worker role, for those who may take it. */
export function asWorker(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.searchParams.set('options', '-c role=gateway_worker -c search_path=access');
  return url.href;
}
