import { Inject, Injectable, Optional } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { PoolClient } from 'pg';
import { isSerializationFailure } from './errors.ts';
import { Tx } from './tx.ts';
import type { Opening } from './tx.ts';

export const APP_DATA_SOURCE = Symbol('app data source');
export const WORKER_DATA_SOURCE = Symbol('worker data source');

const SET_TENANT = `SELECT set_config('app.tenant_id', $1, true)`;
const ATTEMPTS_MAX = 4;

/**
 * The two doors to a service's schema. There is no other: pools are not exported, so that no statement runs without
 * a transaction, and none under HTTP without a tenant.
 */
@Injectable()
export class Database {
  constructor(
    @Optional() @Inject(APP_DATA_SOURCE) private readonly app: DataSource | undefined,
    @Optional() @Inject(WORKER_DATA_SOURCE) private readonly worker: DataSource | undefined,
  ) {}

  /** HTTP: the service's `_app` role, row-level security, one tenant for the whole transaction. */
  withTenant<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!this.app) throw new Error('ROLE=worker has no HTTP database role');
    return retried(this.app, work, { tenantId });
  }

  /** As `withTenant`, for an answer that several statements make up: all of them see one moment, none writes. */
  snapshot<T>(tenantId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!this.app) throw new Error('ROLE=worker has no HTTP database role');
    return retried(this.app, work, { tenantId, opening: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' });
  }

  /** Relay, consumers, sweeps: the `_worker` role, every tenant. Each statement joins on its row's tenant. */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!this.worker) throw new Error('ROLE=api has no worker database role');
    return retried(this.worker, work);
  }

  /** Answers when every pool of this process answers. */
  async ping(): Promise<void> {
    await Promise.all(this.open().map((source) => source.query('SELECT 1')));
  }

  async close(): Promise<void> {
    await Promise.all(this.open().map((source) => source.destroy()));
  }

  private open(): DataSource[] {
    return [this.app, this.worker].filter((source) => source?.isInitialized === true) as DataSource[];
  }
}

interface Options {
  tenantId?: string;
  opening?: Opening;
}

/** Serialization failures and deadlocks are run again from the start, a bounded number of times. */
async function retried<T>(source: DataSource, work: (tx: Tx) => Promise<T>, options: Options = {}): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(source, work, options);
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !isSerializationFailure(error)) throw error;
    }
  }
}

async function once<T>(source: DataSource, work: (tx: Tx) => Promise<T>, options: Options): Promise<T> {
  const { tenantId, opening = 'BEGIN' } = options;
  const runner = source.createQueryRunner();
  const client = (await runner.connect()) as PoolClient;
  const tx = new Tx(client, runner);
  let broken: Error | undefined;
  try {
    // Not awaited one by one: BEGIN, the tenant and the first statements of `work` are one round trip.
    const opened: Promise<unknown>[] = [tx.control(opening)];
    if (tenantId !== undefined) opened.push(tx.query(SET_TENANT, [tenantId]));
    const [result] = await settled(work(tx), ...opened);
    const { command } = await tx.control('COMMIT');
    // An aborted transaction answers COMMIT with ROLLBACK: a statement failed and nobody awaited it.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it failed');
    tx.committed();
    return result;
  } catch (error) {
    await tx.control('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw error;
  } finally {
    // A connection that cannot even roll back must not go back into the pool.
    await (runner as unknown as { releasePostgresConnection(error?: Error): Promise<void> }).releasePostgresConnection(
      broken,
    );
  }
}

/** Like `Promise.all`, but waits for every promise before it rejects, so that nothing still runs on the connection. */
async function settled<T>(work: Promise<T>, ...opened: Promise<unknown>[]): Promise<[T]> {
  const [first, ...others] = await Promise.allSettled([work, ...opened]);
  for (const other of others) if (other.status === 'rejected') throw other.reason;
  if (first.status === 'rejected') throw first.reason;
  return [first.value];
}
