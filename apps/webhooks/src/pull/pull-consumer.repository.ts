import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import type { FeedRow } from '../domain/pull.ts';
import type { PageBefore } from '../endpoints/endpoint.repository.ts';
import type { PullConsumer, PulledMessage } from './pull-consumer.ts';

/** A consumer as it is stored, with its secret sealed. */
export interface StoredConsumer extends PullConsumer {
  readonly ciphertext: Buffer;
  readonly keyVersion: number;
}

export interface Scan {
  readonly after: bigint;
  readonly limit: number;
  readonly withBodies: boolean;
}

export interface ScannedRow extends FeedRow {
  readonly channels: readonly string[];
  readonly body: Buffer | null;
}

const COLUMNS = `
  tenant_id AS "tenantId", id, name, event_types AS "eventTypes", channels, filter, content_mode AS "contentMode",
  payload_version AS "payloadVersion", ciphertext, key_version AS "keyVersion", acknowledged,
  acknowledged_at AS "acknowledgedAt", created_at AS "createdAt"`;
const INSERT = `
  INSERT INTO pull_consumers (tenant_id, id, name, event_types, channels, filter, content_mode, payload_version,
                              ciphertext, key_version, acknowledged, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const FIND = `SELECT ${COLUMNS} FROM pull_consumers WHERE tenant_id = $1 AND id = $2`;
const PAGE = `
  SELECT ${COLUMNS} FROM pull_consumers
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;
const DELETE = `DELETE FROM pull_consumers WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`;
const ACKNOWLEDGE = `
  UPDATE pull_consumers SET acknowledged = $3, acknowledged_at = $4
   WHERE tenant_id = $1 AND id = $2 AND acknowledged < $3`;
const SCAN = `
  SELECT position, id, event_type AS type, channels, octet_length(body) AS size, CASE WHEN $4 THEN body END AS body
    FROM messages
   WHERE tenant_id = $1 AND position > $2 ORDER BY position LIMIT $3`;
const BODIES = `
  SELECT id, event_type AS type, sequence, body FROM messages
   WHERE tenant_id = $1 AND id = ANY($2) ORDER BY position`;

type Row = Omit<StoredConsumer, 'acknowledged'> & { acknowledged: string };

/** Consumers, and the feed as they read it. */
@Injectable()
export class PullConsumerRepository {
  constructor(private readonly bodies: SealedBodies) {}

  async insert(tx: Tx, consumer: StoredConsumer): Promise<void> {
    const { tenantId, id, name, eventTypes, channels, filter, contentMode, payloadVersion } = consumer;
    await tx.execute(INSERT, [
      ...[tenantId, id, name, eventTypes, channels, filter, contentMode, payloadVersion],
      ...[consumer.ciphertext, consumer.keyVersion, consumer.acknowledged, consumer.createdAt],
    ]);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<StoredConsumer | null> {
    const [row] = await tx.query<Row>(FIND, [tenantId, id]);
    return row ? consumerOf(row) : null;
  }

  async page(tx: Tx, tenantId: string, { before, limit }: Omit<PageBefore, 'only'>): Promise<PullConsumer[]> {
    return (await tx.query<Row>(PAGE, [tenantId, before, limit])).map(consumerOf);
  }

  async delete(tx: Tx, tenantId: string, id: string): Promise<PullConsumer | null> {
    const [row] = await tx.query<Row>(DELETE, [tenantId, id]);
    return row ? consumerOf(row) : null;
  }

  /** Only ever forwards: a request that comes late, or twice, takes nothing back. */
  async acknowledge(tx: Tx, consumer: PullConsumer, position: bigint, at: Date): Promise<void> {
    await tx.execute(ACKNOWLEDGE, [consumer.tenantId, consumer.id, position, at]);
  }

  /** What follows in the feed, without bodies unless they are asked about. */
  async scan(tx: Tx, tenantId: string, { after, limit, withBodies }: Scan): Promise<ScannedRow[]> {
    const values = [tenantId, after, limit, withBodies];
    const rows = await tx.query<Omit<ScannedRow, 'position'> & { position: string }>(SCAN, values);
    return (await this.bodies.openRows(tx, tenantId, rows)).map((row) => ({ ...row, position: BigInt(row.position) }));
  }

  /** Without those that were erased. */
  async messages(tx: Tx, tenantId: string, ids: readonly string[]): Promise<PulledMessage[]> {
    if (ids.length === 0) return [];
    const opened = await this.bodies.openRows(tx, tenantId, await tx.query<PulledMessage>(BODIES, [tenantId, ids]));
    return opened.flatMap(({ body, ...message }) => (body === null ? [] : [{ ...message, body }]));
  }
}

function consumerOf(row: Row): StoredConsumer {
  return { ...row, acknowledged: BigInt(row.acknowledged) };
}
