import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';

/** One SQLite file. Each step of the provider is one commit of it. */
export class Database {
  private readonly db: DatabaseSync;
  private readonly statements = new Map<string, StatementSync>();

  constructor(file: string, schema: string) {
    this.db = new DatabaseSync(file);
    // NORMAL keeps every committed row when the process dies; only a power cut could lose the last ones.
    this.db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000; ${schema}`);
  }

  close(): void {
    this.db.close();
  }

  tx<T>(work: () => T): T {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.db.exec('COMMIT');
      return result;
    } catch (error) {
      this.db.exec('ROLLBACK');
      throw error;
    }
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.prepared(sql).run(...values);
  }

  row<R>(sql: string, ...values: SQLInputValue[]): R | undefined {
    return this.prepared(sql).get(...values) as R | undefined;
  }

  rows<R>(sql: string, ...values: SQLInputValue[]): R[] {
    return this.prepared(sql).all(...values) as R[];
  }

  private prepared(sql: string): StatementSync {
    const statement = this.statements.get(sql) ?? this.db.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
