import { startService } from '@quittance/service-kit/bootstrap';
import { loadConfig } from '@quittance/service-kit/config/load-config';
import { PaymentsConfig } from './config.ts';
import { paymentsModule } from './payments.module.ts';
import { problems } from './problems.ts';

const config = loadConfig(PaymentsConfig);
await startService({ name: 'payments', module: paymentsModule(config), config, problems });
