import type { Tx } from '../database/tx.ts';

const REDRIVE = `
  INSERT INTO outbox_queue (seq, logged_at)
  SELECT seq, logged_at FROM event_log WHERE logged_at >= $1 AND seq >= $2 ORDER BY seq
  ON CONFLICT DO NOTHING`;

/**
 * Queues logged events for publication once more, oldest first. Safe at any time: consumers know what they had.
 * @returns how many events were queued
 */
export function redrive(tx: Tx, from: { since: Date; fromSeq?: bigint }): Promise<number> {
  return tx.execute(REDRIVE, [from.since, (from.fromSeq ?? 0n).toString()]);
}
