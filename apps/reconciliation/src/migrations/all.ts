import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { CreateLedger1795300000000 } from './1795300000000-create-ledger.ts';

export const migrations: readonly MigrationClass[] = [CreateLedger1795300000000];
