import { Logger } from '@nestjs/common';
import type { Database } from '../database/database.ts';
import type { Tx } from '../database/tx.ts';
import { metrics } from '../telemetry/metrics.ts';
import type { StoredAck } from './ack-publisher.ts';
import type { NatsLink } from './nats-link.ts';
import { redrive } from './redrive.ts';

/** The broker stored a message at a place that it had given away before: its data is gone. */
export class BrokerAmnesia extends Error {
  override readonly name = 'BrokerAmnesia';
}

const READ = `SELECT last_stream_seq FROM relay_state WHERE stream = $1`;
const REMEMBER = `
  INSERT INTO relay_state (stream, last_stream_seq) VALUES ($1, $2)
  ON CONFLICT (stream) DO UPDATE SET last_stream_seq = excluded.last_stream_seq`;
const FORGET = `UPDATE relay_state SET last_stream_seq = 0, amnesia_detected_at = now() WHERE stream = $1`;

/** How long a stream keeps events, and so how far back a redrive must reach. */
const RETENTION_DAYS = 14;

/**
 * Postgres is the only source of truth, the broker a transport that can be built anew. This compares what the broker
 * acknowledged with what it still has: a lower ack, or a stream that ends below the last ack, means that it lost data
 * (disk gone, restored from an old copy). Then the event log of the retention time is queued again; consumers' inboxes
 * absorb what they had.
 */
export class BrokerMemory {
  private readonly log = new Logger(BrokerMemory.name);
  private readonly detected = metrics.counter(
    'broker_amnesia_detected_total',
    'Times the broker had lost its data',
    [],
  );

  constructor(
    private readonly stream: string,
    private readonly db: Database,
    private readonly nats: NatsLink,
  ) {}

  async read(tx: Tx): Promise<number> {
    const [row] = await tx.query<{ last_stream_seq: string }>(READ, [this.stream]);
    return Number(row?.last_stream_seq ?? 0);
  }

  /** @throws BrokerAmnesia when an ack is not above the last one remembered */
  async remember(tx: Tx, last: number, acks: readonly StoredAck[]): Promise<void> {
    const fresh = acks.filter(({ duplicate }) => !duplicate).map(({ seq }) => seq);
    if (fresh.length === 0) return;
    if (fresh[0]! <= last) throw new BrokerAmnesia(`acknowledged ${fresh[0]} after ${last}`);
    await tx.execute(REMEMBER, [this.stream, Math.max(...fresh)]);
  }

  /**
   * Notices the loss when nothing is being published, too. A broker that is away, or has no stream yet, says nothing.
   */
  async check(): Promise<void> {
    const nats = await this.nats.connection();
    // In this order: read after the stream, the mark of another replica's batch would look like a loss.
    const last = await this.db.tx((tx) => this.read(tx));
    const info = await nats
      .request(`$JS.API.STREAM.INFO.${this.stream}`, undefined, { timeout: 1_000 })
      .then((message) => message.json<{ state?: { last_seq: number } }>())
      .catch(() => undefined);
    if (info?.state && info.state.last_seq < last) {
      throw new BrokerAmnesia(`ends at ${info.state.last_seq}, acknowledged ${last}`);
    }
  }

  async recover(): Promise<void> {
    this.detected.inc();
    const since = new Date(Date.now() - RETENTION_DAYS * 86_400_000);
    const queued = await this.db.tx(async (tx) => {
      await tx.execute(FORGET, [this.stream]);
      return redrive(tx, { since });
    });
    this.log.error(`broker_amnesia_detected: stream ${this.stream} lost its data; ${queued} events queued again`);
  }
}
