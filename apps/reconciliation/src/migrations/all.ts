import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { CreateLedger1795300000000 } from './1795300000000-create-ledger.ts';
import { CreateWorkbench1798000000000 } from './1798000000000-create-workbench.ts';
import { ProveAndCloseLedger1798001000000 } from './1798001000000-prove-and-close-ledger.ts';
import { CreateExportsAndRules1798002000000 } from './1798002000000-create-exports-and-rules.ts';
import { CreateRemittances1798003000000 } from './1798003000000-create-remittances.ts';
import { CreateBankStatements1798004000000 } from './1798004000000-create-bank-statements.ts';
import { CreateSettlements1798005000000 } from './1798005000000-create-settlements.ts';
import { CreateMatches1798006000000 } from './1798006000000-create-matches.ts';
import { WorkFilesAndExceptions1798007000000 } from './1798007000000-work-files-and-exceptions.ts';

export const migrations: readonly MigrationClass[] = [
  CreateLedger1795300000000,
  CreateWorkbench1798000000000,
  ProveAndCloseLedger1798001000000,
  CreateExportsAndRules1798002000000,
  CreateRemittances1798003000000,
  CreateBankStatements1798004000000,
  CreateSettlements1798005000000,
  CreateMatches1798006000000,
  WorkFilesAndExceptions1798007000000,
];
