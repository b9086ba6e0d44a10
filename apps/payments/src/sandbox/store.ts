import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import type { ChargeSoFar, Decision, OperationRequest, Status } from './decide.ts';
import type { Decline, Operation } from './instruments.ts';
import type { Later } from './later.ts';

/** What was decided about a key. */
export interface Done {
  readonly operation: Operation;
  readonly key: string;
  readonly ref: string;
  /** The charge itself, or the charge that this is about. */
  readonly chargeRef: string;
  readonly account: string;
  readonly subject: string;
  readonly token: string;
  readonly capture: boolean;
  readonly status: Status;
  readonly amountMinor: number;
  readonly currency: string;
  readonly decline?: Decline;
  readonly expiresAt?: string;
}

/** A notification on its way to whoever listens. */
export interface Undelivered {
  readonly id: string;
  readonly body: string;
  readonly tries: number;
}

interface DoneRow {
  readonly request: string;
  readonly done: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS operations (
    operation TEXT NOT NULL, key TEXT NOT NULL, ref TEXT NOT NULL, charge_ref TEXT NOT NULL, subject TEXT NOT NULL,
    token TEXT NOT NULL, status TEXT NOT NULL, amount_minor INTEGER NOT NULL, request TEXT NOT NULL, done TEXT NOT NULL,
    PRIMARY KEY (operation, key)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS operations_charge ON operations (charge_ref, operation);
  CREATE INDEX IF NOT EXISTS operations_subject ON operations (subject, token);
  CREATE TABLE IF NOT EXISTS notifications (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, body TEXT NOT NULL,
    due_on TEXT, due_at INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0, given_on TEXT,
    next_try_at INTEGER, tries INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS notifications_day ON notifications (account, due_at) WHERE settled = 0;
  CREATE INDEX IF NOT EXISTS notifications_given ON notifications (account, given_on) WHERE given_on IS NOT NULL;
  CREATE INDEX IF NOT EXISTS notifications_due ON notifications (due_at) WHERE due_on IS NULL AND settled = 0;
  CREATE INDEX IF NOT EXISTS notifications_try ON notifications (next_try_at) WHERE next_try_at IS NOT NULL;`;

/** The provider's own books: what it decided stays decided, over any crash of its process or of ours. */
export class Store {
  private readonly db: DatabaseSync;

  constructor(file: string) {
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

  find(operation: Operation, key: string): { request: string; done: Done } | undefined {
    const row = this.row<DoneRow>(
      'SELECT request, done FROM operations WHERE operation = ? AND key = ?',
      operation,
      key,
    );
    return row && { request: row.request, done: JSON.parse(row.done) as Done };
  }

  findCharge(ref: string): Done | undefined {
    const found = `SELECT done FROM operations WHERE charge_ref = ? AND operation = 'charge'`;
    const row = this.row<DoneRow>(found, ref);
    return row && (JSON.parse(row.done) as Done);
  }

  ofSubject(subject: string): Done[] {
    const found = `SELECT done FROM operations WHERE subject = ? AND operation = 'charge' ORDER BY key`;
    return this.rows<DoneRow>(found, subject).map(({ done }) => JSON.parse(done) as Done);
  }

  wasAsked(subject: string, token: string): boolean {
    return this.row('SELECT 1 FROM operations WHERE subject = ? AND token = ? LIMIT 1', subject, token) !== undefined;
  }

  soFar(chargeRef: string): ChargeSoFar | undefined {
    const charge = this.findCharge(chargeRef);
    if (!charge) return undefined;
    const sums = `SELECT operation, sum(amount_minor) AS minor FROM operations
      WHERE charge_ref = ? AND operation <> 'charge' AND status <> 'declined' GROUP BY operation`;
    const found = this.rows<{ operation: Operation; minor: number }>(sums, chargeRef);
    const minorOf = (operation: Operation) => found.find((row) => row.operation === operation)?.minor;
    const { status, amountMinor, currency, expiresAt } = charge;
    const capturedMinor = status === 'approved' ? amountMinor : (minorOf('capture') ?? 0);
    const isVoided = minorOf('void') !== undefined;
    return {
      ...{ status, amountMinor, currency, expiresAt, capturedMinor, isVoided },
      refundedMinor: minorOf('refund') ?? 0,
    };
  }

  insert(request: string, done: Done): void {
    const { operation, key, ref, chargeRef, subject, token, status, amountMinor } = done;
    this.run(
      'INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[operation, key, ref, chargeRef, subject, token, status, amountMinor, request, JSON.stringify(done)],
    );
  }

  move(done: Done, decision: Decision): Done {
    const next = { ...done, ...decision };
    this.run(
      'UPDATE operations SET status = ?, done = ? WHERE operation = ? AND key = ?',
      ...[next.status, JSON.stringify(next), done.operation, done.key],
    );
    return next;
  }

  schedule(account: string, later: readonly Later[]): void {
    for (const { id, due, type, data } of later) {
      const body = JSON.stringify({ id, type, timestamp: due.at.toISOString(), data });
      this.run(
        'INSERT OR IGNORE INTO notifications (id, account, body, due_on, due_at) VALUES (?, ?, ?, ?, ?)',
        ...[id, account, body, due.on, due.at.getTime()],
      );
    }
  }

  /**
   * What a day of a test clock brings: what was not told before, and what was given for this very day. What was begun
   * on real time falls due on its date here too, so that a clock may be started in the middle.
   */
  takeDay(account: string, on: string): string[] {
    const endOfDay = Date.parse(on) + 86_400_000;
    this.run(
      'UPDATE notifications SET settled = 1, given_on = ? WHERE account = ? AND settled = 0 AND due_at < ?',
      ...[on, account, endOfDay],
    );
    const given = 'SELECT body FROM notifications WHERE account = ? AND given_on = ? ORDER BY due_at, seq';
    return this.rows<{ body: string }>(given, account, on).map(({ body }) => body);
  }

  /** What became due on real time: from now on it is delivered until somebody took it. */
  takeDue(now: Date): string[] {
    const due = 'due_on IS NULL AND settled = 0 AND due_at <= ?';
    const found = this.rows<{ body: string }>(
      `SELECT body FROM notifications WHERE ${due} ORDER BY due_at, seq`,
      now.getTime(),
    );
    if (found.length > 0) {
      this.run(`UPDATE notifications SET settled = 1, next_try_at = ? WHERE ${due}`, now.getTime(), now.getTime());
    }
    return found.map(({ body }) => body);
  }

  undelivered(now: Date, limit: number): Undelivered[] {
    const found = `SELECT id, body, tries FROM notifications WHERE next_try_at <= ? ORDER BY next_try_at, seq LIMIT ?`;
    return this.rows<Undelivered>(found, now.getTime(), limit);
  }

  /** `null` when it was taken. */
  tryAgainAt(id: string, at: Date | null): void {
    this.run('UPDATE notifications SET tries = tries + 1, next_try_at = ? WHERE id = ?', at?.getTime() ?? null, id);
  }

  private run(sql: string, ...values: SQLInputValue[]): void {
    this.db.prepare(sql).run(...values);
  }

  private row<R>(sql: string, ...values: SQLInputValue[]): R | undefined {
    return this.db.prepare(sql).get(...values) as R | undefined;
  }

  private rows<R>(sql: string, ...values: SQLInputValue[]): R[] {
    return this.db.prepare(sql).all(...values) as R[];
  }
}

/** Two requests of one key are the same when everything that they ask for is. */
export function fingerprintOf(request: OperationRequest): string {
  const { token, subject, capture, chargeRef, amountMinor, currency } = request;
  return JSON.stringify([token, subject, capture, chargeRef, amountMinor, currency]);
}
