import type { Database } from '../database/database.ts';

/** A reader may work for so long after its last sign of life. */
export const LEASE_SECONDS = 15;

const TAKE = `
  INSERT INTO consumer_leases AS held (stream, owner, epoch, expires_at)
  VALUES ($1, $2, 1, now() + make_interval(secs => ${LEASE_SECONDS}))
  ON CONFLICT (stream) DO UPDATE SET owner = $2, epoch = held.epoch + 1, expires_at = excluded.expires_at
   WHERE held.expires_at < now() OR (held.owner = $2 AND $3)
  RETURNING epoch`;
const RENEW = `
  UPDATE consumer_leases SET expires_at = now() + make_interval(secs => ${LEASE_SECONDS})
   WHERE stream = $1 AND owner = $2 AND epoch = $3`;
const GIVE_UP = `UPDATE consumer_leases SET expires_at = now() WHERE stream = $1 AND owner = $2 AND epoch = $3`;

export interface Lease {
  stream: string;
  owner: string;
  epoch: string;
}

/**
 * One active reader a durable, the others stand by: a row with owner, epoch and expiry by the database's clock. Every
 * batch transaction locks and checks it (`Inbox.open`), so a reader that was paused past its lease cannot commit.
 *
 * @param restarted the first try of a process: it may take over its own lease at once. Later only an expired one, or
 * two
 *   processes that were given the same name would take it from each other for ever.
 */
export async function takeLease(
  db: Database,
  stream: string,
  { owner, restarted }: { owner: string; restarted: boolean },
): Promise<Lease | undefined> {
  const [row] = await db.tx((tx) => tx.query<{ epoch: string }>(TAKE, [stream, owner, restarted]));
  return row && { stream, owner, epoch: row.epoch };
}

/** False when another reader has it. */
export async function renewLease(db: Database, { stream, owner, epoch }: Lease): Promise<boolean> {
  return (await db.tx((tx) => tx.execute(RENEW, [stream, owner, epoch]))) === 1;
}

export async function giveUpLease(db: Database, { stream, owner, epoch }: Lease): Promise<void> {
  await db.tx((tx) => tx.execute(GIVE_UP, [stream, owner, epoch]));
}

export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}
