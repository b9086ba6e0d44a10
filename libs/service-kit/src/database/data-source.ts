import pg from 'pg';
import { DataSource } from 'typeorm';
import type { EntitySchema } from 'typeorm';

// A calendar date is a date, not an instant at somebody's midnight.
pg.types.setTypeParser(pg.types.builtins.DATE, (text: string) => text);

export interface DataSourceInput {
  url: string;
  applicationName: string;
  entities: readonly EntitySchema<never>[];
  poolMax: number;
}

/**
 * A pool under one role. `search_path` and time-outs belong to the role, so that a transaction pooler may stand in
 * between.
 */
export function createDataSource({ url, applicationName, entities, poolMax }: DataSourceInput): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName,
    entities: [...entities],
    synchronize: false,
    installExtensions: false,
    // `pipeline` sends statements without waiting for the answer to the one before (pg 8.23).
    extra: { max: poolMax, pipeline: true, connectionTimeoutMillis: 5_000, keepAlive: true },
  });
}
