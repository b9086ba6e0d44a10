import type { Provider } from '@nestjs/common';
import { BalanceRepository } from '../balances/balance.repository.ts';
import { BalancesService } from '../balances/balances.service.ts';
import { PeriodRepository } from '../periods/period.repository.ts';
import { PeriodsService } from '../periods/periods.service.ts';
import { BatchRepository } from './batch.repository.ts';
import { ChainVerifier } from './chain-verifier.ts';
import { FollowLedgerWorker } from './follow-ledger.worker.ts';
import { LedgerService } from './ledger.service.ts';

/** For the module: the books rolled up by day, sealed, and closed by month. */
export const ledgerProviders: readonly Provider[] = [
  ...[BalanceRepository, BalancesService],
  ...[PeriodRepository, PeriodsService],
  ...[BatchRepository, ChainVerifier, LedgerService, FollowLedgerWorker],
];
