import { DiscoveryService } from '@nestjs/core';
import type { NestMicroservice } from '@nestjs/microservices';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ServiceConfig } from '../config/service-config.ts';
import { Database } from '../database/database.ts';
import { RpcErrorFilter } from '../http/rpc-error.filter.ts';
import { tellBacklog } from '../messaging/backlog.ts';
import { NatsLink } from '../messaging/nats-link.ts';
import { Relay } from '../messaging/relay.ts';
import { JetStreamStrategy } from '../messaging/strategy.ts';
import { Worker } from './worker.ts';

/** What a process does besides HTTP: consumers, workers and the relay. With `ROLE=api` there is none of it. */
export class Work {
  private readonly relay: Relay | null;
  private readonly strategy: JetStreamStrategy | null;
  private readonly workers: Worker[];
  private endBacklog: (() => void) | undefined;

  constructor(
    private readonly app: NestFastifyApplication,
    private readonly name: string,
  ) {
    const { role } = app.get(ServiceConfig);
    this.relay = app.get<Relay | null>(Relay);
    this.strategy = app.get<JetStreamStrategy | null>(JetStreamStrategy);
    this.workers = role === 'api' ? [] : workersOf(app.get(DiscoveryService));
  }

  async start(): Promise<void> {
    // First: a handler that cannot be served is refused before anything runs.
    if (this.strategy) connectConsumers(this.app, this.strategy);
    if (this.relay) {
      this.relay.start();
      this.listenForWakes(this.relay);
      this.endBacklog = tellBacklog(this.app.get(Database));
    }
    if (this.strategy) await this.app.startAllMicroservices();
    for (const worker of this.workers) worker.start();
  }

  /** Consumers and workers end after the batch in hand; only then has the relay everything that they said. */
  async stop(): Promise<void> {
    const ended = await Promise.allSettled([this.strategy?.close(), ...this.workers.map((worker) => worker.stop())]);
    await this.relay?.stop();
    this.endBacklog?.();
    const failed = ended.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Processes with `ROLE=api` say here that they committed something. While the broker is away the relay polls. */
  private listenForWakes(relay: Relay): void {
    const subject = `wake.${this.name}`;
    void this.app
      .get(NatsLink)
      .connection()
      .then((connection) => connection.subscribe(subject, { callback: () => relay.kick() }))
      .catch(() => undefined);
  }
}

function workersOf(discovery: DiscoveryService): Worker[] {
  const instances = discovery.getProviders().map(({ instance }) => instance as unknown);
  return [...new Set(instances.filter((instance) => instance instanceof Worker))];
}

/**
 * As `connectMicroservice` does it, but with the filter in place before the handlers are bound: those take the filters
 * that are there at that moment. The application's own pipes and guards are HTTP's and stay out.
 */
function connectConsumers(app: NestFastifyApplication, strategy: JetStreamStrategy): void {
  const consumers = app.connectMicroservice({ strategy }, { deferInitialization: true }) as unknown as NestMicroservice;
  consumers.useGlobalFilters(new RpcErrorFilter());
  consumers.registerListeners();
  consumers.setIsInitialized(true);
  consumers.setIsInitHookCalled(true);
}
