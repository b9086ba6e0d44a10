import type { Database } from './database.ts';
import type { ChargeSoFar, Decision, OperationRequest, Status } from './decide.ts';
import type { Decline, Operation } from './instruments.ts';

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

interface DoneRow {
  readonly request: string;
  readonly done: string;
}

export const operationsSchema = `
  CREATE TABLE IF NOT EXISTS operations (
    operation TEXT NOT NULL, key TEXT NOT NULL, ref TEXT NOT NULL, charge_ref TEXT NOT NULL, subject TEXT NOT NULL,
    token TEXT NOT NULL, status TEXT NOT NULL, amount_minor INTEGER NOT NULL, request TEXT NOT NULL, done TEXT NOT NULL,
    PRIMARY KEY (operation, key)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS operations_charge ON operations (charge_ref, operation);
  CREATE INDEX IF NOT EXISTS operations_subject ON operations (subject, token);`;

/** What was decided stays decided, over any crash of this process or of its caller's. */
export class Operations {
  private readonly db: Database;

  constructor(db: Database) {
    this.db = db;
  }

  find(operation: Operation, key: string): { request: string; done: Done } | undefined {
    const row = this.db.row<DoneRow>(
      'SELECT request, done FROM operations WHERE operation = ? AND key = ?',
      operation,
      key,
    );
    return row && { request: row.request, done: JSON.parse(row.done) as Done };
  }

  findCharge(ref: string): Done | undefined {
    const found = `SELECT done FROM operations WHERE charge_ref = ? AND operation = 'charge'`;
    const row = this.db.row<DoneRow>(found, ref);
    return row && (JSON.parse(row.done) as Done);
  }

  ofSubject(subject: string): Done[] {
    const found = `SELECT done FROM operations WHERE subject = ? AND operation = 'charge' ORDER BY key`;
    return this.db.rows<DoneRow>(found, subject).map(({ done }) => JSON.parse(done) as Done);
  }

  wasAsked(subject: string, token: string): boolean {
    return (
      this.db.row('SELECT 1 FROM operations WHERE subject = ? AND token = ? LIMIT 1', subject, token) !== undefined
    );
  }

  soFar(chargeRef: string): ChargeSoFar | undefined {
    const charge = this.findCharge(chargeRef);
    if (!charge) return undefined;
    const sums = `SELECT operation, sum(amount_minor) AS minor FROM operations
      WHERE charge_ref = ? AND operation <> 'charge' AND status <> 'declined' GROUP BY operation`;
    const found = this.db.rows<{ operation: Operation; minor: number }>(sums, chargeRef);
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
    this.db.run(
      'INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[operation, key, ref, chargeRef, subject, token, status, amountMinor, request, JSON.stringify(done)],
    );
  }

  move(done: Done, decision: Decision): Done {
    const next = { ...done, ...decision };
    this.db.run(
      'UPDATE operations SET status = ?, done = ? WHERE operation = ? AND key = ?',
      ...[next.status, JSON.stringify(next), done.operation, done.key],
    );
    return next;
  }
}

/** Two requests of one key are the same when everything that they ask for is. */
export function fingerprintOf(request: OperationRequest): string {
  const { token, subject, capture, chargeRef, amountMinor, currency } = request;
  return JSON.stringify([token, subject, capture, chargeRef, amountMinor, currency]);
}
