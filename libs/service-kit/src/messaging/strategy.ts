import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { streamFor } from '@quittance/events/topology';
import { Server } from '@nestjs/microservices';
import type { Database } from '../database/database.ts';
import { handlerOf } from './handlers.ts';
import type { NatsLink } from './nats-link.ts';
import { StreamReader } from './stream-reader.ts';

export interface StrategyOptions {
  service: string;
  instanceId: string;
  /** The streams on which this service has a durable. */
  streams: readonly string[];
  db: Database;
  link: NatsLink;
}

/**
 * Nest's transport over JetStream: consumers are controllers with `@EventPattern` methods of `(events, tx)`.
 * Only consuming goes through it; publishing is the outbox's and the relay's.
 */
export class JetStreamStrategy extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors: boolean = true;
  override transportId = Symbol('jetstream');
  private readonly readers: StreamReader[] = [];

  constructor(private readonly options: StrategyOptions) {
    super();
  }

  /** @throws for an event of a stream that this service does not read: its handler would wait for ever, in silence */
  override addHandler(
    type: string,
    handler: MessageHandler,
    isEvent = false,
    extras: Record<string, unknown> = {},
  ): void {
    const stream = streamFor(type);
    if (stream === undefined || !this.options.streams.includes(stream)) {
      const { service, streams } = this.options;
      const read = streams.join(', ') || 'none';
      throw new Error(`${service} has a handler of ${type} (stream ${stream ?? 'unknown'}), but reads only ${read}`);
    }
    super.addHandler(type, handler, isEvent, extras);
  }

  /** Starts the readers and is ready at once: the broker may come later. */
  listen(callback: () => void): void {
    const { streams, ...rest } = this.options;
    for (const stream of streams) {
      const reader = new StreamReader({ ...rest, stream, handlerOf: (type) => handlerOf(this.messageHandlers, type) });
      this.readers.push(reader);
      reader.start();
    }
    callback();
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
  }

  on(): never {
    throw new Error('the strategy has no events of its own');
  }

  unwrap<T>(): T {
    return this.options.link as T;
  }
}
