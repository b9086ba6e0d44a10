import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { CreateWebhooks1795000000000 } from './1795000000000-create-webhooks.ts';
import { RotateSecrets1797001000000 } from './1797001000000-rotate-secrets.ts';
import { ShapeWebhooks1797002000000 } from './1797002000000-shape-webhooks.ts';
import { OrderAndLimitDeliveries1797003000000 } from './1797003000000-order-and-limit-deliveries.ts';
import { WatchAndRecover1797004000000 } from './1797004000000-watch-and-recover.ts';
import { AddConnections1797005000000 } from './1797005000000-add-connections.ts';
import { AddPullFeed1797006000000 } from './1797006000000-add-pull-feed.ts';
import { KeepAndEraseBodies1797007000000 } from './1797007000000-keep-and-erase-bodies.ts';

/** In the order they are applied. */
export const migrations: readonly MigrationClass[] = [
  CreateWebhooks1795000000000,
  RotateSecrets1797001000000,
  ShapeWebhooks1797002000000,
  OrderAndLimitDeliveries1797003000000,
  WatchAndRecover1797004000000,
  AddConnections1797005000000,
  AddPullFeed1797006000000,
  KeepAndEraseBodies1797007000000,
];
