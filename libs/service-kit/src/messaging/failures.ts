import type { Database } from '../database/database.ts';
import { isDatabaseUnavailable } from '../database/errors.ts';
import { LeaseLost } from './lease.ts';

const COUNT_FAILURE = `
  INSERT INTO inbox_failures AS f (stream, stream_seq, failures, error) VALUES ($1, $2, 1, $3)
  ON CONFLICT (stream, stream_seq) DO UPDATE SET failures = f.failures + 1, error = excluded.error, at = now()
  RETURNING failures AS count`;
const COUNT_SOLITARY = `
  INSERT INTO inbox_failures AS f (stream, stream_seq, solitary) VALUES ($1, $2, 1)
  ON CONFLICT (stream, stream_seq) DO UPDATE SET solitary = f.solitary + 1, at = now()
  RETURNING solitary AS count`;

/**
 * How often a message's own handler failed, in a transaction of its own, so that the count survives the handler's
 * rollback and the process. A delivery count convicts nobody: a crash raises it for everything that was in flight.
 */
export class Failures {
  constructor(
    private readonly db: Database,
    private readonly stream: string,
  ) {}

  /** The handler threw: how often has it by now. */
  failed(streamSeq: number, error: string): Promise<number> {
    return this.count(COUNT_FAILURE, [this.stream, streamSeq, error.slice(0, 1_000)]);
  }

  /** The message is about to be handled alone, because it may be what kills the process: how often by now. */
  solitary(streamSeq: number): Promise<number> {
    return this.count(COUNT_SOLITARY, [this.stream, streamSeq]);
  }

  private async count(sql: string, values: unknown[]): Promise<number> {
    const [row] = await this.db.tx((tx) => tx.query<{ count: number }>(sql, values));
    return row?.count ?? 0;
  }
}

/** Whether the handler, and neither the database nor the lease, is to blame. */
export function isOfTheHandler(error: unknown): boolean {
  return !(error instanceof LeaseLost) && !isDatabaseUnavailable(error);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
