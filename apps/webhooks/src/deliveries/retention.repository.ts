import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

/** Tables that are kept by the day. */
export const dailyTables = ['messages', 'attempts', 'success_bodies', 'attempt_starts'] as const;
export type DailyTable = (typeof dailyTables)[number];

const DROP_OLDEST = `SELECT drop_oldest_partition($1, $2::int) AS name`;
/** What fell beside every day ages like the rest, but has no day that could be dropped. */
const deleteStrays = (table: DailyTable) => `
  DELETE FROM ${table}_default WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table}_default WHERE id < uuid_floor((now() AT TIME ZONE 'UTC')::date - $1::int) LIMIT 1000))`;
const DELETE_STRAYS = Object.fromEntries(dailyTables.map((table) => [table, deleteStrays(table)])) as Record<
  DailyTable,
  string
>;
const DAYS = `
  SELECT p.relname AS "table", max(d.day) - t.today AS "daysAhead",
         count(*) FILTER (WHERE d.day < t.today - k.keep_days)::int AS overdue
    FROM unnest($1::text[], $2::int[]) AS k (name, keep_days)
    JOIN pg_class p ON p.oid = to_regclass(k.name)
    JOIN pg_inherits i ON i.inhparent = p.oid
    JOIN pg_class c ON c.oid = i.inhrelid AND c.relname ~ '_[0-9]{8}$'
    CROSS JOIN LATERAL (SELECT to_date(right(c.relname, 8), 'YYYYMMDD') AS day) d
    CROSS JOIN (SELECT (now() AT TIME ZONE 'UTC')::date AS today) t
   GROUP BY p.relname, t.today`;

export type Keep = Readonly<Record<DailyTable, number>>;

export interface TableDays {
  readonly table: DailyTable;
  readonly daysAhead: number;
  /** Days past retention that are still there. */
  readonly overdue: number;
}

@Injectable()
export class RetentionRepository {
  /** The name of the day that it dropped; null: there is none left to drop. */
  async dropOldest(tx: Tx, table: DailyTable, keepDays: number): Promise<string | null> {
    return (await tx.query<{ name: string | null }>(DROP_OLDEST, [table, keepDays]))[0]?.name ?? null;
  }

  deleteStrays(tx: Tx, table: DailyTable, keepDays: number): Promise<number> {
    return tx.execute(DELETE_STRAYS[table], [keepDays]);
  }

  days(tx: Tx, keep: Keep): Promise<TableDays[]> {
    return tx.query<TableDays>(DAYS, [dailyTables, dailyTables.map((table) => keep[table])]);
  }
}
