import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { SealedBodies } from '../bodies/sealed-bodies.ts';
import { ATTEMPT } from '../deliveries/delivery-log.repository.ts';
import type { MessageAttempt, MessageDetail, MessageFilter, MessagePage, MessageView } from './message-view.ts';

/** Messages that one page is looked for in. A rare type takes more pages, not a longer one. */
const scannedMax = 10_000;

const VIEW = `id, event_type AS type, subject, sequence, channels, occurred_at AS "occurredAt"`;
// By the key alone: an index by type would be one more to write with each message, for a page that people look at.
const PAGE = `
  WITH scanned AS MATERIALIZED (
    SELECT ${VIEW} FROM messages WHERE tenant_id = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4
  )
  SELECT found.*, looked.count, looked.last
    FROM (SELECT count(*)::int AS count, (array_agg(id ORDER BY id))[1] AS last FROM scanned) looked
    LEFT JOIN LATERAL (
      SELECT * FROM scanned WHERE $5::text IS NULL OR type = $5 ORDER BY id DESC LIMIT $6
    ) found ON true
   ORDER BY found.id DESC`;
const FIND = `SELECT ${VIEW}, body FROM messages WHERE tenant_id = $1 AND id = $2`;
const ATTEMPTS = `
  SELECT ${ATTEMPT}, delivery_id AS "deliveryId", endpoint_id AS "endpointId"
    FROM attempts a
   WHERE tenant_id = $1 AND message_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`;

interface PageRow extends MessageView {
  readonly count: number;
  readonly last: string | null;
}

/** Messages as their tenant sees them, one tenant at a time. The fan-out writes them. */
@Injectable()
export class MessageRepository {
  constructor(private readonly bodies: SealedBodies) {}

  async page(tx: Tx, tenantId: string, { type, from, before, limit }: MessageFilter): Promise<MessagePage> {
    const scanned = type === null ? limit + 1 : scannedMax;
    const rows = await tx.query<PageRow>(PAGE, [tenantId, from, before, scanned, type, limit + 1]);
    const found = rows.flatMap(({ count: _count, last: _last, ...row }) => (row.id ? [row] : []));
    const page = found.slice(0, limit);
    if (found.length > limit) return { rows: page, next: page.at(-1)?.id ?? null };
    return { rows: page, next: rows[0]?.count === scanned ? rows[0].last : null };
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<MessageDetail | null> {
    const stored = await tx.query<MessageDetail>(FIND, [tenantId, id]);
    return (await this.bodies.openRows(tx, tenantId, stored))[0] ?? null;
  }

  async attempts(
    tx: Tx,
    tenantId: string,
    { id, before, limit }: { id: string; before: string | null; limit: number },
  ): Promise<MessageAttempt[]> {
    const stored = await tx.query<MessageAttempt>(ATTEMPTS, [tenantId, id, before, limit]);
    return this.bodies.openAttempts(tx, tenantId, stored);
  }
}
