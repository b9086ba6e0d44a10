import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ProviderNotification } from '../providers/notification.ts';
import { fromStored, toStored } from './stored-news.ts';

export interface NotificationKey {
  readonly provider: string;
  readonly id: string;
}

export interface Waiting {
  readonly news: ProviderNotification;
  /** Null until what it is about was found. */
  readonly tenantId: string | null;
  readonly tries: number;
}

// Without a conflict target: the door may insert, but not read what is there already.
const insertSql = `
  INSERT INTO provider_notifications (provider, notification_id, tenant_id, kind, news, occurred_at, received_at, state,
    tries, next_try_at)
  SELECT n.provider, n.id, $2, n.kind, n.news, n.occurred_at, $3, 'waiting', 0, $3
    FROM jsonb_to_recordset($1::jsonb)
      AS n (provider text, id text, kind text, news jsonb, occurred_at timestamptz)
  ON CONFLICT DO NOTHING`;
const dueSql = `
  SELECT provider, notification_id AS id FROM provider_notifications
   WHERE state = 'waiting' AND next_try_at <= $1 ORDER BY next_try_at, occurred_at LIMIT $2`;
const lockSql = `
  SELECT news, tenant_id AS "tenantId", tries FROM provider_notifications
   WHERE provider = $1 AND notification_id = $2 AND state = 'waiting' FOR UPDATE SKIP LOCKED`;
const appliedSql = `
  UPDATE provider_notifications SET state = 'applied', tenant_id = $3, next_try_at = NULL, reason = NULL,
         finished_at = $4
   WHERE provider = $1 AND notification_id = $2`;
const postponeSql = `
  UPDATE provider_notifications SET tries = tries + 1, next_try_at = $3, reason = $4
   WHERE provider = $1 AND notification_id = $2 AND state = 'waiting'`;
const giveUpSql = `
  UPDATE provider_notifications SET state = 'unmatched', tries = tries + 1, next_try_at = NULL, reason = $4,
         finished_at = $3
   WHERE provider = $1 AND notification_id = $2 AND state = 'waiting'`;

@Injectable()
export class NotificationRepository {
  /** How many of them are new: one that was told before is not kept twice. */
  insert(tx: Tx, news: readonly ProviderNotification[], tenantId: string | null, now: Date): Promise<number> {
    const stored = news.map((each) => {
      const { provider, id, kind, occurredAt } = each;
      return { provider, id, kind, occurred_at: occurredAt, news: JSON.parse(toStored(each)) as object };
    });
    return tx.execute(insertSql, [JSON.stringify(stored), tenantId, now]);
  }

  /** What came first, first. */
  due(tx: Tx, now: Date, limit: number): Promise<NotificationKey[]> {
    return tx.query(dueSql, [now, limit]);
  }

  /** Null when it is applied, or somebody else is at it. */
  async lock(tx: Tx, { provider, id }: NotificationKey): Promise<Waiting | null> {
    const [row] = await tx.query<{ news: object; tenantId: string | null; tries: number }>(lockSql, [provider, id]);
    return row ? { ...row, news: fromStored(row.news) } : null;
  }

  async applied(tx: Tx, { provider, id }: NotificationKey, tenantId: string, now: Date): Promise<void> {
    await tx.execute(appliedSql, [provider, id, tenantId, now]);
  }

  async postpone(tx: Tx, { provider, id }: NotificationKey, until: Date, reason: string): Promise<void> {
    await tx.execute(postponeSql, [provider, id, until, reason]);
  }

  async giveUp(tx: Tx, { provider, id }: NotificationKey, now: Date, reason: string): Promise<void> {
    await tx.execute(giveUpSql, [provider, id, now, reason]);
  }
}
