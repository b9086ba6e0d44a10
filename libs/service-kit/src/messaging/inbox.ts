import { encode, sequenceOf } from '@quittance/events/envelope';
import type { Envelope, QuittanceEvent } from '@quittance/events/envelope';
import { v5 } from 'uuid';
import type { Tx } from '../database/tx.ts';
import { LEASE_SECONDS, LeaseLost } from './lease.ts';
import type { Lease } from './lease.ts';

/** An event in hand. */
export interface Incoming {
  event: Envelope;
  /** False for events of a stream that this service has no handler for: they only move their aggregate's position. */
  handled: boolean;
}

/** An event that waits, in its structured form, whatever mode it came in. */
export interface ParkedRow {
  tenant_id: string;
  id: string;
  subject: string;
  traceparent: string | null;
  body: Buffer;
}

export interface Sorted {
  /** New and in order: to be applied, in this order. */
  applicable: Incoming[];
  /** New, but before their predecessor. */
  parked: Incoming[];
}

const HOLD_LEASE = `
  UPDATE consumer_leases SET expires_at = now() + make_interval(secs => ${LEASE_SECONDS})
   WHERE stream = $1 AND owner = $2 AND epoch = $3`;
const ENTER = `
  INSERT INTO inbox (stream, tenant_id, id)
  SELECT $1, tenant_id, id FROM unnest($2::uuid[], $3::uuid[]) AS m (tenant_id, id)
  ON CONFLICT DO NOTHING RETURNING id`;
// Key by key, as the relay reads its log: a plain join may be planned as a scan of every aggregate there ever was.
const POSITIONS = `
  SELECT p.tenant_id, p.aggregate, p.sequence
    FROM unnest($2::uuid[], $3::text[]) AS k (tenant_id, aggregate) CROSS JOIN LATERAL (
      SELECT * FROM inbox_positions WHERE tenant_id = k.tenant_id AND stream = $1 AND aggregate = k.aggregate OFFSET 0
    ) p`;
const ADVANCE = `
  INSERT INTO inbox_positions AS p (stream, tenant_id, aggregate, sequence)
  SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::int[])
  ON CONFLICT (tenant_id, stream, aggregate) DO UPDATE SET sequence = excluded.sequence
   WHERE p.sequence < excluded.sequence`;
const PARK = `
  INSERT INTO inbox_parked (stream, tenant_id, aggregate, sequence, id, subject, traceparent, body)
  SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::text[], $7::text[], $8::bytea[])
  ON CONFLICT DO NOTHING`;
const RELEASABLE = `
  WITH next AS (
    SELECT k.ctid FROM inbox_parked k
      LEFT JOIN inbox_positions p ON p.tenant_id = k.tenant_id AND p.stream = k.stream AND p.aggregate = k.aggregate
     WHERE k.stream = $1 AND k.sequence <= coalesce(p.sequence, 0) + 1
     ORDER BY k.parked_at, k.sequence OFFSET $2 LIMIT 1
  )
  DELETE FROM inbox_parked k USING next WHERE k.ctid = next.ctid
  RETURNING k.tenant_id, k.id, k.subject, k.traceparent, k.body`;
const FORGET = `
  WITH unparked AS (DELETE FROM inbox_parked WHERE tenant_id = $1 AND stream = $2 AND id = $3)
  DELETE FROM inbox WHERE tenant_id = $1 AND stream = $2 AND id = $3`;
const PARKED = `SELECT 1 AS found FROM inbox_parked WHERE stream = $1 LIMIT 1`;

/**
 * What makes a redelivered event have no second effect, and an early one wait.
 *
 * The inbox row is written in the transaction of the effect: a crash before the commit leaves neither, after it both.
 * Positions tell a gap: each event raises its aggregate's sequence by exactly one, so n+2 without n+1 is parked until
 * n+1 has come. Nothing is ever dropped by its sequence.
 */
export class Inbox {
  private readonly advanced = new Map<string, { tenantId: string; aggregate: string; sequence: number }>();

  constructor(
    private readonly tx: Tx,
    private readonly lease: Lease,
  ) {}

  /**
   * Locks and checks the lease, enters the events, and sorts the new ones.
   * @throws LeaseLost when another reader has taken over: nothing may be committed or acknowledged
   */
  async open(incoming: readonly Incoming[]): Promise<Sorted> {
    const { stream, owner, epoch } = this.lease;
    const handled = incoming.filter((each) => each.handled);
    const [held, entered, positions] = await Promise.all([
      this.tx.execute(HOLD_LEASE, [stream, owner, epoch]),
      this.tx.query<{ id: string }>(ENTER, [stream, ...columns(handled, ['tenantid', inboxId])]),
      this.tx.query<{ tenant_id: string; aggregate: string; sequence: number }>(POSITIONS, [
        stream,
        ...columns(incoming, ['tenantid', 'subject']),
      ]),
    ]);
    if (held !== 1) throw new LeaseLost(stream);
    const at = new Map(positions.map((row) => [`${row.tenant_id} ${row.aggregate}`, row.sequence]));
    return this.sort(incoming, new Set(entered.map(({ id }) => id)), at);
  }

  /** Writes down how far each aggregate has come, and what must wait. */
  async close(parked: readonly Incoming[]): Promise<void> {
    const rows = [...this.advanced.values()];
    await Promise.all([
      rows.length > 0 &&
        this.tx.execute(ADVANCE, [
          this.lease.stream,
          rows.map(({ tenantId }) => tenantId),
          rows.map(({ aggregate }) => aggregate),
          rows.map(({ sequence }) => sequence),
        ]),
      this.park(parked),
    ]);
  }

  /**
   * Takes the next event out of the park that may go now, for the caller to apply in this same transaction.
   * One at a time: a gap is rare, and a parked event that fails must not hold up the others; `skip` passes over such.
   */
  async release(skip: number): Promise<ParkedRow | undefined> {
    const [row] = await this.tx.query<ParkedRow>(RELEASABLE, [this.lease.stream, skip]);
    return row;
  }

  /** As if it had never come: for an event that leaves the park for the dead letters, from where it may be replayed. */
  async forget({ tenant_id: tenantId, id }: ParkedRow): Promise<void> {
    await this.tx.execute(FORGET, [tenantId, this.lease.stream, id]);
  }

  async hasParked(): Promise<boolean> {
    return (await this.tx.query(PARKED, [this.lease.stream])).length > 0;
  }

  /** Marks an aggregate's position, for an event applied or given up. */
  advance(event: Envelope): void {
    const sequence = sequenceOf(event);
    if (sequence === undefined) return;
    const key = keyOf(event);
    const known = this.advanced.get(key)?.sequence ?? 0;
    if (sequence > known) this.advanced.set(key, { tenantId: event.tenantid, aggregate: event.subject, sequence });
  }

  async park(parked: readonly Incoming[]): Promise<void> {
    if (parked.length === 0) return;
    await this.tx.execute(PARK, [
      this.lease.stream,
      ...columns(parked, ['tenantid', 'subject', sequenceOf, inboxId, 'type', 'traceparent']),
      parked.map(({ event }) => Buffer.from(encode(event as QuittanceEvent))),
    ]);
  }

  private sort(incoming: readonly Incoming[], entered: Set<string>, at: Map<string, number>): Sorted {
    const sorted: Sorted = { applicable: [], parked: [] };
    for (const each of incoming) {
      const { event } = each;
      const isNew = each.handled ? entered.delete(inboxId(event)) : true;
      if (!isNew) continue;
      const position = at.get(keyOf(event)) ?? 0;
      const sequence = sequenceOf(event);
      if (sequence !== undefined && sequence > position + 1) {
        sorted.parked.push(each);
        continue;
      }
      if (sequence !== undefined) at.set(keyOf(event), Math.max(position, sequence));
      this.advance(event);
      sorted.applicable.push(each);
    }
    return sorted;
  }
}

type Column = keyof Envelope | ((event: Envelope) => unknown);

/** One array a column, as `unnest` takes them. */
function columns(incoming: readonly Incoming[], names: readonly Column[]): unknown[][] {
  return names.map((name) =>
    incoming.map(({ event }) => (typeof name === 'function' ? name(event) : event[name]) ?? null),
  );
}

const keyOf = (event: Envelope) => `${event.tenantid} ${event.subject}`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FOREIGN_IDS = '3c1f0a51-6a0e-5f0e-9c55-0f6f5f3c7a11';

/** Our own ids are UUIDs; a foreign event is named by its source and id together (CloudEvents), which makes one. */
export function inboxId(event: Envelope): string {
  return UUID.test(event.id) ? event.id : v5(`${event.source} ${event.id}`, FOREIGN_IDS);
}
