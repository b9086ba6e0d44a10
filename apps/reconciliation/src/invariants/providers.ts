import type { Provider } from '@nestjs/common';
import { CheckLedgerWorker } from './check-ledger.worker.ts';
import { InvariantRepository } from './invariant.repository.ts';
import { InvariantsService } from './invariants.service.ts';

/** For the module: the proof that the books are right. */
export const invariantProviders: readonly Provider[] = [InvariantRepository, InvariantsService, CheckLedgerWorker];
