import { startService } from '@quittance/service-kit/bootstrap';
import { loadConfig } from '@quittance/service-kit/config/load-config';
import { WebhooksConfig } from './config.ts';
import { problems } from './problems.ts';
import { webhooksModule } from './webhooks.module.ts';

const config = loadConfig(WebhooksConfig);
await startService({ name: 'webhooks', module: webhooksModule(config), config, problems });
