import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { WebhooksConfig } from '../config.ts';
import { shardCount } from '../domain/endpoint.ts';

const SEEN = `
  INSERT INTO dispatchers (instance_id, seen_at) VALUES ($1, now())
  ON CONFLICT (instance_id) DO UPDATE SET seen_at = excluded.seen_at`;
const FORGET_OLD = `DELETE FROM dispatchers WHERE seen_at < now() - interval '1 hour'`;
const LIVE = `SELECT count(*)::int AS live FROM dispatchers WHERE seen_at > now() - make_interval(secs => $1)`;
const RENEW = `
  UPDATE shard_leases l SET expires_at = now() + make_interval(secs => $2)
    FROM unnest($3::smallint[], $4::bigint[]) AS mine (shard, epoch)
   WHERE l.shard = mine.shard AND l.epoch = mine.epoch AND l.owner = $1
  RETURNING l.shard`;
const TAKE = `
  WITH free AS (
    SELECT shard FROM shard_leases WHERE expires_at < now() OR (owner = $1 AND $3)
     ORDER BY shard LIMIT $4 FOR UPDATE SKIP LOCKED
  )
  UPDATE shard_leases l SET owner = $1, epoch = l.epoch + 1, expires_at = now() + make_interval(secs => $2)
    FROM free WHERE l.shard = free.shard
  RETURNING l.shard, l.epoch, now() AS taken_at`;
const GIVE_UP = `
  UPDATE shard_leases l SET owner = NULL, expires_at = '-infinity'
    FROM unnest($2::smallint[], $3::bigint[]) AS mine (shard, epoch)
   WHERE l.shard = mine.shard AND l.epoch = mine.epoch AND l.owner = $1`;
const LEAVE = `DELETE FROM dispatchers WHERE instance_id = $1`;

interface Owned {
  readonly epoch: string;
  /** By the database's clock: what was due before may have been sent by the owner before us. */
  readonly takenAt: Date;
}

/**
 * Which shards this process sends for. One row a shard with owner, epoch and expiry by the database's clock; the epoch
 * rises with every change of hands, and a settle that carries an older one changes nothing. A takeover passes over rows
 * of which a settle is under way: if it waited for a process that was stopped within one, its own leases would run out
 * meanwhile, for they are renewed in the same transaction. Renewal waits for nothing. We stop sending a fifth of the
 * lease before it runs out, by the monotonic clock, which no step of the wall clock moves.
 */
@Injectable()
export class ShardLeases {
  private readonly owned = new Map<number, Owned>();
  private readonly retiring = new Map<number, Owned>();
  /** Shards of which a settle said that they are not ours: nothing is sent for them until the next round has asked. */
  private readonly doubted = new Set<number>();
  private validUntil = 0;
  private restarted = true;

  constructor(
    private readonly db: Database,
    private readonly config: WebhooksConfig,
  ) {}

  get owner(): string {
    return this.config.instanceId;
  }

  /** Called when a round is needed before its time. */
  onDoubt: () => void = () => undefined;

  shards(): number[] {
    return [...this.owned.keys()].filter((shard) => this.held(shard) !== undefined);
  }

  /** What a send for this shard has to carry to be settled; undefined: the shard is not ours to send for. */
  held(shard: number): Owned | undefined {
    const isValid = performance.now() < this.validUntil && !this.doubted.has(shard);
    return isValid ? this.owned.get(shard) : undefined;
  }

  /** An attempt was fenced. Going on would send the same delivery again and again without ever writing it down. */
  doubt(shards: readonly number[]): void {
    for (const shard of shards) this.doubted.add(shard);
    if (shards.length > 0) this.onDoubt();
  }

  /**
   * One round: sign of life, renewal, then towards an equal share of the shards. `isBusy` tells of a shard for which
   * something is still under way: it is given away only when that is settled.
   */
  async round(isBusy: (shard: number) => boolean): Promise<void> {
    const started = performance.now();
    const asked = [...this.doubted];
    const seconds = this.config.webhookLeaseMs / 1000;
    await this.db.tx(async (tx) => {
      await Promise.all([tx.execute(SEEN, [this.owner]), tx.execute(FORGET_OLD)]);
      await this.renew(tx, seconds);
      const [row] = await tx.query<{ live: number }>(LIVE, [seconds]);
      const share = Math.ceil(shardCount / Math.max(row?.live ?? 1, 1));
      this.retire(share);
      await this.giveUp(
        tx,
        [...this.retiring.keys()].filter((shard) => !isBusy(shard)),
      );
      await this.take(tx, seconds, share - this.owned.size);
    });
    for (const shard of asked) this.doubted.delete(shard);
    this.restarted = false;
    this.validUntil = started + this.config.webhookLeaseMs * 0.8;
  }

  /** At the end, when nothing is under way any more: the others need not wait for the leases to run out. */
  async leave(): Promise<void> {
    this.retire(0);
    await this.db.tx(async (tx) => {
      await this.giveUp(tx, [...this.retiring.keys()]);
      await tx.execute(LEAVE, [this.owner]);
    });
  }

  private async renew(tx: Tx, seconds: number): Promise<void> {
    const mine = [...this.owned, ...this.retiring];
    if (mine.length === 0) return;
    const values = [this.owner, seconds, mine.map(([shard]) => shard), mine.map(([, { epoch }]) => epoch)];
    const rows = await tx.query<{ shard: number }>(RENEW, values);
    const renewed = new Set(rows.map(({ shard }) => shard));
    for (const [shard] of mine.filter(([each]) => !renewed.has(each))) {
      this.owned.delete(shard);
      this.retiring.delete(shard);
    }
  }

  private retire(share: number): void {
    for (const [shard, lease] of [...this.owned].slice(share)) {
      this.owned.delete(shard);
      this.retiring.set(shard, lease);
    }
  }

  private async giveUp(tx: Tx, shards: readonly number[]): Promise<void> {
    if (shards.length === 0) return;
    await tx.execute(GIVE_UP, [this.owner, shards, shards.map((shard) => this.retiring.get(shard)?.epoch)]);
    for (const shard of shards) this.retiring.delete(shard);
  }

  /** Its leases of an earlier life a process takes at once, but only when it starts: two of one name would fight. */
  private async take(tx: Tx, seconds: number, wanted: number): Promise<void> {
    if (wanted <= 0) return;
    const values = [this.owner, seconds, this.restarted, wanted];
    const rows = await tx.query<{ shard: number; epoch: string; taken_at: Date }>(TAKE, values);
    for (const row of rows) this.owned.set(row.shard, { epoch: row.epoch, takenAt: row.taken_at });
  }
}
