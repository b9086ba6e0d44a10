import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { CreateLedger1795300000000 } from './1795300000000-create-ledger.ts';
import { CreateWorkbench1798000000000 } from './1798000000000-create-workbench.ts';
import { ProveAndCloseLedger1798001000000 } from './1798001000000-prove-and-close-ledger.ts';

export const migrations: readonly MigrationClass[] = [
  CreateLedger1795300000000,
  CreateWorkbench1798000000000,
  ProveAndCloseLedger1798001000000,
];
