import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { BatchRepository } from './ledger/batch.repository.ts';
import { ChainVerifier } from './ledger/chain-verifier.ts';
import type { VerifiedChain } from './ledger/chain-verifier.ts';

/**
 * The operator's command: puts the tree of every tenant together again from the rows of the journal.
 * @param workerUrl the login of `reconciliation_worker`
 */
export async function verifyLedger(workerUrl: string): Promise<VerifiedChain[]> {
  const name = 'verify-ledger';
  const source = createDataSource({ url: workerUrl, applicationName: name, entities: [], poolMax: 1 });
  const db = new Database(undefined, await source.initialize());
  try {
    return await new ChainVerifier(db, new BatchRepository()).verify();
  } finally {
    await db.close();
  }
}

async function main(): Promise<void> {
  const { DATABASE_WORKER_URL: workerUrl } = process.env;
  if (!workerUrl) throw new Error('DATABASE_WORKER_URL must be set, as it is for the service');
  const chains = await verifyLedger(workerUrl);
  process.stdout.write(`${JSON.stringify(chains, null, 2)}\n`);
  if (chains.some(({ broken }) => broken)) process.exitCode = 2;
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
