import { startService } from '@quittance/service-kit/bootstrap';
import { loadConfig } from '@quittance/service-kit/config/load-config';
import { ReconciliationConfig } from './config.ts';
import { problems } from './problems.ts';
import { reconciliationModule } from './reconciliation.module.ts';

const config = loadConfig(ReconciliationConfig);
await startService({ name: 'reconciliation', module: reconciliationModule(config), config, problems });
