import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ProviderNotification } from '../providers/notification.ts';
import { fromStored, toStored } from './stored-news.ts';

export interface NotificationKey {
  /** Whose provider account it came by; `nobody` for the open door. */
  readonly tenantId: string;
  readonly provider: string;
  readonly id: string;
}

export interface Waiting {
  readonly news: ProviderNotification;
  readonly tries: number;
}

const isKey = 'tenant_id = $1 AND provider = $2 AND notification_id = $3';
// Without a conflict target: the door may insert, but not read what is there already.
const insertSql = `
  INSERT INTO provider_notifications (tenant_id, provider, notification_id, kind, news, occurred_at, received_at, state,
    tries, next_try_at)
  SELECT $2, n.provider, n.id, n.kind, n.news, n.occurred_at, $3, 'waiting', 0, $3
    FROM jsonb_to_recordset($1::jsonb)
      AS n (provider text, id text, kind text, news jsonb, occurred_at timestamptz)
  ON CONFLICT DO NOTHING`;
const dueSql = `
  SELECT tenant_id AS "tenantId", provider, notification_id AS id FROM provider_notifications
   WHERE state = 'waiting' AND next_try_at <= $1 ORDER BY next_try_at, occurred_at LIMIT $2`;
const lockSql = `
  SELECT news, tries FROM provider_notifications WHERE ${isKey} AND state = 'waiting' FOR UPDATE SKIP LOCKED`;
const appliedSql = `
  UPDATE provider_notifications SET state = 'applied', concerned_id = $4, next_try_at = NULL, reason = NULL,
         finished_at = $5
   WHERE ${isKey}`;
const postponeSql = `
  UPDATE provider_notifications SET tries = tries + 1, next_try_at = $4, reason = $5 WHERE ${isKey}`;
const giveUpSql = `
  UPDATE provider_notifications SET state = 'unmatched', tries = tries + 1, next_try_at = NULL, finished_at = $4,
         reason = $5
   WHERE ${isKey}`;

const purgeSql = `
  DELETE FROM provider_notifications WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM provider_notifications WHERE state = 'applied' AND finished_at < $1
     ORDER BY finished_at LIMIT $2))`;

@Injectable()
export class NotificationRepository {
  /** How many of them are new: one that was told before is not kept twice. */
  insert(tx: Tx, news: readonly ProviderNotification[], tenantId: string, now: Date): Promise<number> {
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

  /** Null when it is finished, or somebody else is at it. */
  async lock(tx: Tx, key: NotificationKey): Promise<Waiting | null> {
    const [row] = await tx.query<{ news: object; tries: number }>(lockSql, valuesOf(key));
    return row ? { ...row, news: fromStored(row.news) } : null;
  }

  /** The rest is for one that this transaction holds locked. */
  async applied(tx: Tx, key: NotificationKey, concerned: string, now: Date): Promise<void> {
    await tx.execute(appliedSql, [...valuesOf(key), concerned, now]);
  }

  async postpone(tx: Tx, key: NotificationKey, until: Date, reason: string): Promise<void> {
    await tx.execute(postponeSql, [...valuesOf(key), until, reason]);
  }

  async giveUp(tx: Tx, key: NotificationKey, now: Date, reason: string): Promise<void> {
    await tx.execute(giveUpSql, [...valuesOf(key), now, reason]);
  }

  /** @returns how many applied before that are forgotten now */
  purge(tx: Tx, before: Date, limit: number): Promise<number> {
    return tx.execute(purgeSql, [before, limit]);
  }
}

function valuesOf({ tenantId, provider, id }: NotificationKey): string[] {
  return [tenantId, provider, id];
}
