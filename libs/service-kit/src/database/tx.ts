import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { PoolClient, QueryResult } from 'pg';
import type { EntityManager, QueryRunner } from 'typeorm';

const log = new Logger('Tx');
const statementNames = new Map<string, string>();

/** A name for a statement's text: the server parses and plans a named statement once a connection. */
function statementName(text: string): string {
  let name = statementNames.get(text);
  if (!name) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    statementNames.set(text, name);
  }
  return name;
}

/** The driver's socket, where it has one: not part of its types. */
interface Corkable {
  connection?: { stream?: { cork?: () => void; uncork?: () => void } };
}

/** How a transaction begins: for itself, or as one moment that all its statements see. */
export type Opening = 'BEGIN' | 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

/** Holds what the driver writes until the caller awaits: one system call for a burst of statements. */
function inOneWrite(client: PoolClient): void {
  const stream = (client as Corkable).connection?.stream;
  if (!stream?.cork) return;
  stream.cork();
  queueMicrotask(() => stream.uncork?.());
}

/**
 * One open transaction. Every text becomes a named prepared statement, so keep texts static and pass what varies as
 * values.
 *
 * Statements are pipelined: those sent without an `await` between them travel together.
 * @example await Promise.all([payments.insert(tx, payment), outbox.append(tx, events)]); // one round trip
 */
export class Tx {
  private readonly afterCommitActions = new Set<() => void>();

  constructor(
    private readonly client: PoolClient,
    private readonly runner: QueryRunner,
  ) {}

  /** TypeORM in this same transaction, for reads through an `EntitySchema`. */
  get manager(): EntityManager {
    return this.runner.manager;
  }

  /** The rows of one statement. `bigint` comes as string, `date` as 'YYYY-MM-DD', `timestamptz` as Date. */
  async query<R extends object>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.send<R>(text, values)).rows;
  }

  /** The number of rows that one statement wrote. */
  async execute(text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.send(text, values)).rowCount ?? 0;
  }

  private send<R extends object>(text: string, values: readonly unknown[]): Promise<QueryResult<R>> {
    inOneWrite(this.client);
    return this.client.query<R>({ name: statementName(text), text, values: values as unknown[] });
  }

  /** Runs `action` once when this transaction has committed; the same function registered twice runs once. */
  afterCommit(action: () => void): void {
    this.afterCommitActions.add(action);
  }

  /** For `Database` only: BEGIN and COMMIT, which are not prepared. */
  control(text: Opening | 'COMMIT' | 'ROLLBACK'): Promise<QueryResult> {
    inOneWrite(this.client);
    return this.client.query(text);
  }

  /** For `Database` only. What is done is done: an action that fails is logged, the commit stands. */
  committed(): void {
    for (const action of this.afterCommitActions) {
      try {
        action();
      } catch (error) {
        log.error({ err: error }, 'after a commit');
      }
    }
  }
}
