import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Replay, ReplayState } from '../domain/replay.ts';

export interface ReplayFilter {
  readonly endpointId: string | null;
  readonly state: ReplayState | null;
  readonly before: string | null;
  readonly limit: number;
}

/** A replay whose next step is due. `isSettled`: whatever was being written when it was asked for is written now. */
export interface DueReplay {
  readonly replay: Replay;
  readonly isSettled: boolean;
}

const fields: { readonly [Field in keyof Replay]: string } = {
  tenantId: 'tenant_id',
  id: 'id',
  endpointId: 'endpoint_id',
  fromId: 'from_id',
  untilId: 'until_id',
  eventTypes: 'event_types',
  onlyFailed: 'only_failed',
  ratePerSecond: 'rate_per_second',
  state: 'state',
  failure: 'failure',
  cursorId: 'cursor_id',
  scanned: 'scanned',
  replayed: 'replayed',
  version: 'version',
  nextStepAt: 'next_step_at',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  finishedAt: 'finished_at',
};
const names = Object.keys(fields) as (keyof Replay)[];
const moving: readonly (keyof Replay)[] = [
  ...(['state', 'failure', 'cursorId', 'scanned', 'replayed', 'version', 'nextStepAt', 'updatedAt'] as const),
  'finishedAt',
];
// Counts come as text otherwise, and stay far below what a double holds.
const columnOf = (name: keyof Replay) =>
  `j.${fields[name]}${name === 'scanned' || name === 'replayed' ? '::float8' : ''} AS "${name}"`;
const REPLAY = names.map(columnOf).join(', ');

const INSERT = `
  INSERT INTO replay_jobs (${names.map((name) => fields[name]).join(', ')})
  VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`;
const UPDATE = `
  UPDATE replay_jobs SET ${moving.map((name, at) => `${fields[name]} = $${at + 3}`).join(', ')}
   WHERE tenant_id = $1 AND id = $2`;
const FIND = `SELECT ${REPLAY} FROM replay_jobs j WHERE j.tenant_id = $1 AND j.id = $2`;
const LOCK = `${FIND} FOR UPDATE`;
const PAGE = `
  SELECT ${REPLAY} FROM replay_jobs j
   WHERE j.tenant_id = $1 AND ($2::uuid IS NULL OR j.endpoint_id = $2) AND ($3::text IS NULL OR j.state = $3)
     AND ($4::uuid IS NULL OR j.id < $4) ORDER BY j.id DESC LIMIT $5`;
/** Two minutes are longer than any transaction may take. */
const CLAIM = `
  SELECT ${REPLAY}, coalesce(pg_snapshot_xmin(pg_current_snapshot()) >= j.horizon, false)
                    OR j.created_at < now() - interval '2 minutes' AS "isSettled"
    FROM replay_jobs j WHERE j.state = 'running' AND j.next_step_at <= $1
   ORDER BY j.next_step_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED`;
const AWAIT_WRITERS = `
  UPDATE replay_jobs SET horizon = coalesce(horizon, pg_current_xact_id()), next_step_at = $3
   WHERE tenant_id = $1 AND id = $2`;

@Injectable()
export class ReplayRepository {
  async insert(tx: Tx, replay: Replay): Promise<void> {
    await tx.execute(
      INSERT,
      names.map((name) => replay[name]),
    );
  }

  async update(tx: Tx, replay: Replay): Promise<void> {
    await tx.execute(UPDATE, [replay.tenantId, replay.id, ...moving.map((name) => replay[name])]);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<Replay | null> {
    return (await tx.query<Replay>(FIND, [tenantId, id]))[0] ?? null;
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<Replay | null> {
    return (await tx.query<Replay>(LOCK, [tenantId, id]))[0] ?? null;
  }

  page(tx: Tx, tenantId: string, { endpointId, state, before, limit }: ReplayFilter): Promise<Replay[]> {
    return tx.query<Replay>(PAGE, [tenantId, endpointId, state, before, limit]);
  }

  /** The one that has waited longest; held until the transaction ends, so that no two processes take one step. */
  async claimDue(tx: Tx, now: Date): Promise<DueReplay | null> {
    const [row] = await tx.query<Replay & { isSettled: boolean }>(CLAIM, [now]);
    if (row === undefined) return null;
    const { isSettled, ...replay } = row;
    return { replay, isSettled };
  }

  /**
   * A fan-out that saw the endpoint as it was before may still be writing, and ids come into the table out of order: a
   * cursor that had passed them would miss them. So the first step is taken when all writers of that moment have ended.
   */
  async awaitWriters(tx: Tx, { tenantId, id }: Replay, nextStepAt: Date): Promise<void> {
    await tx.execute(AWAIT_WRITERS, [tenantId, id, nextStepAt]);
  }
}
