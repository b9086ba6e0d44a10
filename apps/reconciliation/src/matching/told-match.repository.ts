import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { MATCH_COLUMNS, matchOf } from './match.ts';
import type { Match, MatchRow } from './match.ts';

const CLAIM_RUN = `
  SELECT tenant_id AS "tenantId", id, told_through AS "toldThrough" FROM recon_runs
   WHERE state = 'done' AND NOT is_told ORDER BY finished_at LIMIT 1 FOR UPDATE SKIP LOCKED`;
/** Of the match's run, held: whether the teller has come to it yet. */
const IS_UNTOLD = `
  SELECT NOT r.is_told AND (r.told_through IS NULL OR r.told_through < m.id) AS untold
    FROM matches m JOIN recon_runs r ON r.tenant_id = m.tenant_id AND r.id = m.run_id
   WHERE m.tenant_id = $1 AND m.id = $2 FOR UPDATE OF r`;
/** Ids rise within a run: a place among them is enough to go on from. Who takes one back before has said it himself. */
const NEXT = `
  SELECT ${MATCH_COLUMNS} FROM matches m
   WHERE m.tenant_id = $1 AND m.id > coalesce($3, '00000000-0000-0000-0000-000000000000'::uuid) AND m.run_id = $2
     AND m.state = 'confirmed'
   ORDER BY m.id LIMIT $4`;
const TOLD = `UPDATE recon_runs SET told_through = $3, is_told = $4 WHERE tenant_id = $1 AND id = $2`;
const CLAIM = (column: 'booked_at' | 'mirrored_at', state: string) => `
  SELECT ${MATCH_COLUMNS} FROM matches m
   WHERE m.diff_minor <> 0 AND m.${column} IS NULL AND ${state} ORDER BY m.created_at LIMIT $1
     FOR UPDATE SKIP LOCKED`;
/** What was proposed and declined never held. */
const CLAIM_TO_BOOK = CLAIM('booked_at', `m.state IN ('confirmed', 'reverted')`);
const CLAIM_TO_MIRROR = CLAIM('mirrored_at', `m.state = 'reverted' AND m.booked_at IS NOT NULL`);
const MARK = (column: 'booked_at' | 'mirrored_at') => `
  UPDATE matches m SET ${column} = $3 FROM unnest($1::uuid[], $2::uuid[]) k (tenant_id, id)
   WHERE m.tenant_id = k.tenant_id AND m.id = k.id`;
const MARKS = { booked: MARK('booked_at'), mirrored: MARK('mirrored_at') } as const;

export interface UntoldRun {
  readonly tenantId: string;
  readonly id: string;
  readonly toldThrough: string | null;
}

/** What follows from a match: it is said, and what the sides differ by is booked. */
@Injectable()
export class ToldMatchRepository {
  async claimRun(tx: Tx): Promise<UntoldRun | null> {
    return (await tx.query<UntoldRun>(CLAIM_RUN))[0] ?? null;
  }

  /** The teller waits until the transaction ends, and passes over what was taken back by then. */
  async isUntold(tx: Tx, { tenantId, id }: Match): Promise<boolean> {
    return (await tx.query<{ untold: boolean }>(IS_UNTOLD, [tenantId, id]))[0]?.untold ?? false;
  }

  async next(tx: Tx, { tenantId, id, toldThrough }: UntoldRun, limit: number): Promise<Match[]> {
    return (await tx.query<MatchRow>(NEXT, [tenantId, id, toldThrough, limit])).map(matchOf);
  }

  async told(tx: Tx, { tenantId, id }: UntoldRun, through: string | null, isAll: boolean): Promise<void> {
    await tx.execute(TOLD, [tenantId, id, through, isAll]);
  }

  async claimToBook(tx: Tx, limit: number): Promise<Match[]> {
    return (await tx.query<MatchRow>(CLAIM_TO_BOOK, [limit])).map(matchOf);
  }

  async claimToMirror(tx: Tx, limit: number): Promise<Match[]> {
    return (await tx.query<MatchRow>(CLAIM_TO_MIRROR, [limit])).map(matchOf);
  }

  async mark(tx: Tx, as: keyof typeof MARKS, done: readonly Match[], at: Date): Promise<void> {
    if (done.length === 0) return;
    await tx.execute(MARKS[as], [done.map(({ tenantId }) => tenantId), done.map(({ id }) => id), at]);
  }
}
