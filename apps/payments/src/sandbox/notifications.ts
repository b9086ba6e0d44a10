import type { Database } from './database.ts';
import type { Later } from './later.ts';

/** A notification on its way to whoever listens. */
export interface Undelivered {
  readonly id: string;
  readonly body: string;
  readonly tries: number;
}

export const notificationsSchema = `
  CREATE TABLE IF NOT EXISTS notifications (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, body TEXT NOT NULL,
    due_on TEXT, due_at INTEGER NOT NULL, settled INTEGER NOT NULL DEFAULT 0, given_on TEXT,
    next_try_at INTEGER, tries INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS notifications_day ON notifications (account, due_at) WHERE settled = 0;
  CREATE INDEX IF NOT EXISTS notifications_given ON notifications (account, given_on) WHERE given_on IS NOT NULL;
  CREATE INDEX IF NOT EXISTS notifications_due ON notifications (due_at) WHERE due_on IS NULL AND settled = 0;
  CREATE INDEX IF NOT EXISTS notifications_try ON notifications (next_try_at) WHERE next_try_at IS NOT NULL;`;

/** What has to be said, and to whom it was said. */
export class Notifications {
  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  schedule(account: string, later: readonly Later[]): void {
    for (const { id, due, type, data } of later) {
      const body = JSON.stringify({ id, type, timestamp: due.at.toISOString(), data });
      this.db.run(
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
    this.db.run(
      'UPDATE notifications SET settled = 1, given_on = ? WHERE account = ? AND settled = 0 AND due_at < ?',
      ...[on, account, endOfDay],
    );
    const given = 'SELECT body FROM notifications WHERE account = ? AND given_on = ? ORDER BY due_at, seq';
    return this.db.rows<{ body: string }>(given, account, on).map(({ body }) => body);
  }

  /** What became due on real time: from now on it is delivered until somebody took it. */
  takeDue(now: Date): string[] {
    const due = 'due_on IS NULL AND settled = 0 AND due_at <= ?';
    const found = this.db.rows<{ body: string }>(
      `SELECT body FROM notifications WHERE ${due} ORDER BY due_at, seq`,
      now.getTime(),
    );
    if (found.length > 0) {
      this.db.run(`UPDATE notifications SET settled = 1, next_try_at = ? WHERE ${due}`, now.getTime(), now.getTime());
    }
    return found.map(({ body }) => body);
  }

  undelivered(now: Date, limit: number): Undelivered[] {
    const found = `SELECT id, body, tries FROM notifications WHERE next_try_at <= ? ORDER BY next_try_at, seq LIMIT ?`;
    return this.db.rows<Undelivered>(found, now.getTime(), limit);
  }

  /** `null` when it was taken. */
  tryAgainAt(id: string, at: Date | null): void {
    this.db.run('UPDATE notifications SET tries = tries + 1, next_try_at = ? WHERE id = ?', at?.getTime() ?? null, id);
  }
}
