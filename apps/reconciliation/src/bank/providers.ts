import type { Provider } from '@nestjs/common';
import { BankAccountRepository } from './bank-account.repository.ts';
import { BankLineRepository } from './bank-line.repository.ts';
import { BankStatementRepository } from './bank-statement.repository.ts';
import { BankStatementsService } from './bank-statements.service.ts';
import { DepositNews } from './deposit-news.service.ts';
import { DepositRepository } from './deposit.repository.ts';
import { DepositsService } from './deposits.service.ts';
import { ReleasesService } from './releases.service.ts';
import { StatementFindings } from './statement-findings.service.ts';

/** For the module: all that reads and keeps bank statements. */
export const bankProviders: readonly Provider[] = [
  BankAccountRepository,
  BankStatementRepository,
  BankLineRepository,
  DepositRepository,
  DepositNews,
  StatementFindings,
  ReleasesService,
  BankStatementsService,
  DepositsService,
];
