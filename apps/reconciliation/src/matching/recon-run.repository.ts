import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ReconSet } from '../domain/item.ts';
import type { ReconRun, RunCounts } from './recon-run.ts';

const COLUMNS = `tenant_id AS "tenantId", id, set_name AS set, kind, is_dry AS "isDry", state,
  rules_version AS "rulesVersion", counts, requested_by AS "requestedBy", requested_at AS "requestedAt",
  finished_at AS "finishedAt"`;
const QUEUE = `
  INSERT INTO recon_runs (tenant_id, id, set_name, kind, is_dry, state, requested_by, requested_at)
  VALUES ($1, $2, $3, 'full', $4, 'queued', $5, $6) RETURNING ${COLUMNS}`;
const FIND = `SELECT ${COLUMNS} FROM recon_runs WHERE tenant_id = $1 AND id = $2`;
const PAGE = `
  SELECT ${COLUMNS} FROM recon_runs
   WHERE tenant_id = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR set_name = $3)
   ORDER BY id DESC LIMIT $4`;
const CLAIM = `
  SELECT ${COLUMNS} FROM recon_runs WHERE state = 'queued' ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED`;
const FINISH = `
  INSERT INTO recon_runs AS r
    (tenant_id, id, set_name, kind, is_dry, state, rules_version, counts, requested_at, finished_at, is_told)
  VALUES ($1, $2, $3, $4, $5, 'done', $6, $7, $8, $8, $9)
  ON CONFLICT (tenant_id, id) DO UPDATE
     SET state = 'done', rules_version = excluded.rules_version, counts = excluded.counts,
         finished_at = excluded.finished_at, is_told = excluded.is_told`;
const WITH_NEWS = `
  SELECT tenant_id AS "tenantId", set_name AS set, count(*)::int AS news FROM item_news
   GROUP BY tenant_id, set_name ORDER BY min(item_id) LIMIT 50`;
/** Where something came in lately, and no full run has looked since. */
const NOT_SINCE = `
  SELECT DISTINCT n.tenant_id AS "tenantId", n.set_name AS set FROM recon_runs n
   WHERE n.kind = 'news' AND n.finished_at > $1::timestamptz - interval '1 day'
     AND NOT EXISTS (SELECT FROM recon_runs r WHERE r.tenant_id = n.tenant_id AND r.set_name = n.set_name
                        AND r.kind = 'full' AND NOT r.is_dry AND r.finished_at > $1) LIMIT 50`;

/** Runs of news are many: what became of them is in their matches. */
const FORGET = `
  DELETE FROM recon_runs r USING (
    SELECT tenant_id, id FROM recon_runs WHERE kind = 'news' AND is_told AND finished_at < $1 LIMIT 10000) old
   WHERE r.tenant_id = old.tenant_id AND r.id = old.id`;

interface FinishedRun {
  readonly id: string;
  readonly tenantId: string;
  readonly set: ReconSet;
  readonly kind: ReconRun['kind'];
  readonly isDry: boolean;
  readonly version: number;
  readonly counts: RunCounts;
  readonly at: Date;
}

/** What runs were asked for, and what came of them. */
@Injectable()
export class ReconRunRepository {
  async queue(tx: Tx, of: { tenantId: string; id: string; set: ReconSet; isDry: boolean; by: string; at: Date }) {
    const [run] = await tx.query<ReconRun>(QUEUE, [of.tenantId, of.id, of.set, of.isDry, of.by, of.at]);
    return run!;
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<ReconRun | null> {
    return (await tx.query<ReconRun>(FIND, [tenantId, id]))[0] ?? null;
  }

  /** Newest first, one more than the page holds. */
  page(tx: Tx, tenantId: string, of: { before: string | null; set: ReconSet | undefined; limit: number }) {
    return tx.query<ReconRun>(PAGE, [tenantId, of.before, of.set ?? null, of.limit + 1]);
  }

  /** The next one that somebody asked for: locked until it is done. */
  async claim(tx: Tx): Promise<ReconRun | null> {
    return (await tx.query<ReconRun>(CLAIM))[0] ?? null;
  }

  async finish(tx: Tx, { id, tenantId, set, kind, isDry, version, counts, at }: FinishedRun): Promise<void> {
    const hasNews = Object.keys(counts.confirmed).length > 0 && !isDry;
    await tx.execute(FINISH, [tenantId, id, set, kind, isDry, version, JSON.stringify(counts), at, !hasNews]);
  }

  /** @returns how many */
  forget(tx: Tx, before: Date): Promise<number> {
    return tx.execute(FORGET, [before]);
  }

  withNews(tx: Tx): Promise<{ tenantId: string; set: ReconSet; news: number }[]> {
    return tx.query(WITH_NEWS);
  }

  /** Where nobody has looked at everything since then. */
  notSince(tx: Tx, since: Date): Promise<{ tenantId: string; set: ReconSet }[]> {
    return tx.query(NOT_SINCE, [since]);
  }
}
