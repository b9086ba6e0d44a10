import { startService } from '@quittance/service-kit/bootstrap';
import { loadConfig } from '@quittance/service-kit/config/load-config';
import { GatewayConfig } from './config.ts';
import { openDoor } from './door.ts';
import { GatewayModule } from './gateway.module.ts';

const config = loadConfig(GatewayConfig);
await startService({
  name: 'gateway',
  module: GatewayModule.with(config),
  config,
  openApi: false,
  configure: openDoor,
});
