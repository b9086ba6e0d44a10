import { startService } from '@quittance/service-kit/bootstrap';
import { loadConfig } from '@quittance/service-kit/config/load-config';
import { billingModule } from './billing.module.ts';
import { BillingConfig } from './config.ts';

const config = loadConfig(BillingConfig);
await startService({ name: 'billing', module: billingModule(config), config });
