import fs from 'node:fs';
import path from 'node:path';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { inboxPrefixOf, natsUsers } from '@quittance/events/topology';
import type { NatsUser } from '@quittance/events/topology';
import { createDataSource } from '@quittance/service-kit/database/data-source';
import { Database } from '@quittance/service-kit/database/database';
import { migrate } from '@quittance/service-kit/database/migrate';
import type { MigrationClass } from '@quittance/service-kit/database/migrate';
import { createRoles } from '@quittance/service-kit/database/roles';
import { provision } from '@quittance/service-kit/messaging/provision';
import { natsConfig } from '../nats-config.ts';
import { startNats } from '../nats.mjs';
import { freePorts } from '../ports.mjs';
import { startPostgres } from '../postgres.mjs';
import { passwordsFor } from '../secrets.mjs';
import { databaseUrlFor } from '../stack-env.mjs';

/**
 * What a server of this size is given: Postgres's own settings are for a machine of half a gigabyte, and write every
 * page whole again each gigabyte of its log. docs/how-to/size-postgres.md says the same.
 */
const SIZED = ['shared_buffers=4GB', 'max_wal_size=8GB', 'checkpoint_timeout=15min', 'wal_compression=on'];

/** Servers as production has them where it matters: Postgres writes to disk before it says yes, and has memory. */
export interface BenchContext {
  /** Data and logs of this run. */
  dir: string;
  adminUrl: string;
  natsUrls: Record<NatsUser, string>;
  connect(user: NatsUser): Promise<NatsConnection>;
  /** Roles, schema and tables of one service, under fixed passwords. */
  prepare(service: string, migrations: readonly MigrationClass[]): Promise<{ appUrl: string; workerUrl: string }>;
  open(url: string, poolMax: number, as: 'app' | 'worker'): Promise<Database>;
  stop(): Promise<void>;
}

/** `set`: more settings of Postgres, as `name=value`. */
export async function startContext(dir: string, set: readonly string[] = []): Promise<BenchContext> {
  fs.mkdirSync(dir, { recursive: true, mode: 0o755 });
  const config = path.join(dir, 'nats.conf');
  fs.writeFileSync(config, natsConfig());
  const [pgPort, natsPort] = (await freePorts(2)) as [number, number];
  const [postgres, nats] = await Promise.all([
    startPostgres({
      dir: path.join(dir, 'pg'),
      port: pgPort,
      logFile: path.join(dir, 'postgres.log'),
      // what scenario (d) reads the moment of a commit from
      set: ['track_commit_timestamp=on', ...SIZED, ...set],
    }),
    startNats({
      dir: path.join(dir, 'nats'),
      port: natsPort,
      config,
      passwords: passwordsFor(natsUsers),
      logFile: path.join(dir, 'nats.log'),
    }),
  ]);
  const natsUrls = nats.urls as Record<NatsUser, string>;
  const connectAs = (user: NatsUser) => {
    const { host, username, password } = new URL(natsUrls[user]);
    return connect({ servers: host, user: username, pass: password, inboxPrefix: inboxPrefixOf(user) });
  };
  const provisioner = await connectAs('provisioner');
  await provision(provisioner);
  await provisioner.close();
  const password = 'bench';
  return {
    dir,
    adminUrl: postgres.url,
    natsUrls,
    connect: connectAs,
    async prepare(service, migrations) {
      await createRoles(postgres.url, service, { schema: service, passwords: { app: password, worker: password } });
      await migrate({ service, schema: service, adminUrl: postgres.url, migrations });
      return {
        appUrl: databaseUrlFor(postgres.url, `${service}_app`, password),
        workerUrl: databaseUrlFor(postgres.url, `${service}_worker`, password),
      };
    },
    async open(url, poolMax, as) {
      const source = await createDataSource({ url, applicationName: 'bench', entities: [], poolMax }).initialize();
      return as === 'app' ? new Database(source, undefined) : new Database(undefined, source);
    },
    async stop() {
      await Promise.all([postgres.process.stop(), nats.process.stop()]);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
