import type { NatsConnection } from '@nats-io/transport-node';
import type { Database } from '../database/database.ts';
import type { Handler } from './handlers.ts';

/** What it takes to process the messages of one stream. */
export interface ProcessorOptions {
  service: string;
  stream: string;
  db: Database;
  nats: NatsConnection;
  handlerOf: (type: string) => Handler | undefined;
}
