import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { instruments } from './instruments.ts';
import type { Decline, Instrument } from './instruments.ts';

export interface ChargeRequest {
  /** The caller's idempotency key: one key, one charge, whatever happens to the answers. */
  readonly key: string;
  readonly token: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** What the money is for, so that an instrument can decline the first charge of each. */
  readonly subject: string;
}

export type Charge = Readonly<{ key: string; ref: string; amountMinor: number; currency: string; subject: string }> &
  (Readonly<{ status: 'approved' }> | Readonly<{ status: 'declined'; decline: Decline }>);

interface Row {
  request: string;
  charge: string;
}

/** The provider's own books: what it decided stays decided, over any crash of its process or of ours. */
export class Charges {
  private readonly db: DatabaseSync;

  constructor(file: string) {
    this.db = new DatabaseSync(file);
    // NORMAL keeps every committed row when the process dies; only a power cut could lose the last ones.
    this.db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS charges (
        key TEXT PRIMARY KEY, subject TEXT NOT NULL, token TEXT NOT NULL, request TEXT NOT NULL, charge TEXT NOT NULL
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS charges_subject ON charges (subject, token)`);
  }

  /** The charge of this key, made now or long ago; `conflict` when the key was used for something else. */
  charge(request: ChargeRequest, instrument: Instrument): Charge | 'conflict' {
    const known = this.row(request.key);
    const text = JSON.stringify([request.token, request.amountMinor, request.currency, request.subject]);
    if (known) return known.request === text ? (JSON.parse(known.charge) as Charge) : 'conflict';
    const charge = this.decide(request, instrument);
    this.db
      .prepare('INSERT INTO charges (key, subject, token, request, charge) VALUES (?, ?, ?, ?, ?)')
      .run(request.key, request.subject, request.token, text, JSON.stringify(charge));
    return charge;
  }

  find(key: string): Charge | undefined {
    const row = this.row(key);
    return row && (JSON.parse(row.charge) as Charge);
  }

  ofSubject(subject: string): Charge[] {
    const rows = this.db.prepare('SELECT charge FROM charges WHERE subject = ? ORDER BY key').all(subject);
    return rows.map((row) => JSON.parse((row as unknown as Row).charge) as Charge);
  }

  close(): void {
    this.db.close();
  }

  private decide({ key, token, amountMinor, currency, subject }: ChargeRequest, instrument: Instrument): Charge {
    const ref = `sbx_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
    const { decline, declinesOnce, confirmsWrongAmount } = instrument;
    const isSpared = declinesOnce === true && this.wasAsked(subject, token);
    if (decline && !isSpared) return { key, ref, amountMinor, currency, subject, status: 'declined', decline };
    const confirmed = confirmsWrongAmount ? Math.max(1, Math.floor(amountMinor / 10)) : amountMinor;
    return { key, ref, amountMinor: confirmed, currency, subject, status: 'approved' };
  }

  private wasAsked(subject: string, token: string): boolean {
    const row = this.db.prepare('SELECT 1 FROM charges WHERE subject = ? AND token = ? LIMIT 1').get(subject, token);
    return row !== undefined;
  }

  private row(key: string): Row | undefined {
    return this.db.prepare('SELECT request, charge FROM charges WHERE key = ?').get(key) as Row | undefined;
  }
}

export function instrumentOf(token: string): Instrument | undefined {
  return Object.hasOwn(instruments, token) ? instruments[token] : undefined;
}
