import { Module } from '@nestjs/common';
import type { DynamicModule, FactoryProvider, Provider } from '@nestjs/common';
import { DiscoveryModule, Reflector } from '@nestjs/core';
import { services, streamOf } from '@quittance/events/streams';
import type { Service } from '@quittance/events/streams';
import { durablesOf } from '@quittance/events/topology';
import type { EntitySchema } from 'typeorm';
import { Clock } from './clock.ts';
import { ServiceConfig } from './config/service-config.ts';
import type { Secret } from './config/secret.ts';
import { createDataSource } from './database/data-source.ts';
import { Database } from './database/database.ts';
import { Idempotency } from './database/idempotency.ts';
import { Readiness } from './health/readiness.ts';
import { AuthGuard } from './http/auth.guard.ts';
import type { ProblemCatalogue } from './http/problem.ts';
import { remoteKeys, TokenVerifier } from './http/token-verifier.ts';
import { NatsLink } from './messaging/nats-link.ts';
import { Outbox } from './messaging/outbox.ts';
import { Relay } from './messaging/relay.ts';
import { RetentionWorker } from './messaging/retention.worker.ts';
import { JetStreamStrategy } from './messaging/strategy.ts';
import { createLogger, PinoLogger } from './telemetry/logger.ts';

/** The service's name: its schema, its stream, its durables and the audience of its tokens. */
export const SERVICE_NAME = Symbol('service name');
export const PROBLEMS = Symbol('problem catalogue');

export interface KitOptions {
  name: string;
  config: ServiceConfig;
  entities?: readonly EntitySchema<never>[];
  /** Code → status and title of the service's `DomainError`s. */
  problems?: ProblemCatalogue;
}

@Module({})
class KitModule {}

/**
 * What every service is made of, once and global: config, database, outbox, clock, logger, readiness, token checks.
 * The config is injected by its own class: `constructor(private readonly config: PaymentsConfig)`.
 */
export function kitModule({ name, config, entities = [], problems = {} }: KitOptions): DynamicModule {
  const values: Provider[] = [
    { provide: SERVICE_NAME, useValue: name },
    { provide: PROBLEMS, useValue: problems },
    { provide: ServiceConfig, useValue: config },
    { provide: PinoLogger, useFactory: () => createLogger(loggerOptions(name, config)) },
    Clock,
    Readiness,
    Idempotency,
    Reflector,
    AuthGuard,
    {
      provide: TokenVerifier,
      useFactory: () => new TokenVerifier({ issuer: config.tokenIssuer, audience: name }, remoteKeys(config.jwksUrl)),
    },
    databaseProvider(name, config, entities),
    ...messagingProviders(name, config),
  ];
  if (config.constructor !== ServiceConfig) values.push({ provide: config.constructor, useValue: config });
  return {
    module: KitModule,
    global: true,
    imports: [DiscoveryModule],
    providers: values,
    exports: values.map((provider) => (typeof provider === 'function' ? provider : provider.provide)),
  };
}

function loggerOptions(name: string, { logLevel, instanceId }: ServiceConfig) {
  return { name, level: logLevel, instance: instanceId };
}

/** One pool a role, and only those that this process needs. */
function databaseProvider(
  name: string,
  config: ServiceConfig,
  entities: readonly EntitySchema<never>[],
): FactoryProvider {
  const open = (url: Secret) =>
    createDataSource({ url: url.reveal(), applicationName: name, entities, poolMax: config.dbPoolMax }).initialize();
  return {
    provide: Database,
    inject: [Readiness],
    useFactory: async (readiness: Readiness) => {
      const app = config.role === 'worker' ? undefined : await open(config.databaseAppUrl);
      const worker = config.role === 'api' ? undefined : await open(config.databaseWorkerUrl);
      const database = new Database(app, worker);
      readiness.add('database', () => database.ping());
      return database;
    },
  };
}

/** A service without a stream neither publishes nor consumes: it has no broker, and nothing waits for one. */
function messagingProviders(name: string, config: ServiceConfig): Provider[] {
  if (!isPublisher(name)) {
    return [NatsLink, Relay, JetStreamStrategy].map((provide) => ({ provide, useValue: null }));
  }
  const streams = durablesOf(name).map(({ stream }) => stream);
  return [
    {
      provide: NatsLink,
      inject: [Readiness],
      useFactory: (readiness: Readiness) => {
        const nats = new NatsLink({ service: name, url: config.natsUrl.reveal() });
        // Without a broker HTTP still works, the outbox keeps what it says: only a pure worker is of no use then.
        readiness.add('nats', () => nats.ping(), { optional: config.role !== 'worker' });
        return nats;
      },
    },
    {
      provide: Relay,
      inject: [Database, NatsLink],
      useFactory: (database: Database, nats: NatsLink) =>
        config.role === 'api' ? null : new Relay(name, streamOf[name], database, nats),
    },
    {
      provide: JetStreamStrategy,
      inject: [Database, NatsLink],
      useFactory: (db: Database, link: NatsLink) =>
        config.role === 'api'
          ? null
          : new JetStreamStrategy({ service: name, instanceId: config.instanceId, streams, db, link }),
    },
    {
      provide: RetentionWorker,
      inject: [Database, Clock],
      useFactory: (database: Database, clock: Clock) => new RetentionWorker(database, clock),
    },
    {
      provide: Outbox,
      inject: [Relay, NatsLink],
      useFactory: (relay: Relay | null, nats: NatsLink) => new Outbox(name, () => wake(name, relay, nats)),
    },
  ];
}

function isPublisher(name: string): name is Service {
  return (services as readonly string[]).includes(name);
}

/** From `ROLE=api` the relay is in another process: a message wakes it. A lost one costs the relay's poll interval. */
function wake(name: string, relay: Relay | null, nats: NatsLink): void {
  if (relay) return relay.kick();
  void nats.connection().then(
    (connection) => connection.publish(`wake.${name}`),
    () => undefined,
  );
}
