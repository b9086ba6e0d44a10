import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import { TestClockEntity } from './test-clock.entity.ts';
import type { TestClock } from './test-clock.entity.ts';

/** An advance that died holds the clock for no longer than this. */
const LEASE = `interval '10 seconds'`;

const CREATE = `INSERT INTO test_clocks (tenant_id, business_date, version) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`;

const LOCK = `
  SELECT business_date AS "businessDate", coalesce(lease_until > now(), false) AS "isRunning"
    FROM test_clocks WHERE tenant_id = $1 FOR UPDATE`;

const START = `UPDATE test_clocks SET running_by = $2, lease_until = now() + ${LEASE} WHERE tenant_id = $1`;

// Every step of an advance says whose it is: one that lost its lease to another changes nothing.
const RENEW = `
  UPDATE test_clocks SET lease_until = now() + ${LEASE} WHERE tenant_id = $1 AND running_by = $2 RETURNING version`;

const TURN = `
  UPDATE test_clocks SET business_date = $3, lease_until = now() + ${LEASE} WHERE tenant_id = $1 AND running_by = $2`;

const ANNOUNCE = `
  UPDATE test_clocks SET advanced_on = business_date, version = version + 1, lease_until = now() + ${LEASE}
   WHERE tenant_id = $1 AND running_by = $2 RETURNING version`;

const STOP = `UPDATE test_clocks SET running_by = NULL, lease_until = NULL WHERE tenant_id = $1 AND running_by = $2`;

const ANSWER = (column: string) => `
  UPDATE test_clocks c SET ${column} = greatest(c.${column}, n.answered)
    FROM (SELECT tenant_id, max(answered) AS answered FROM unnest($1::uuid[], $2::date[]) AS a (tenant_id, answered)
           GROUP BY tenant_id) n
   WHERE c.tenant_id = n.tenant_id`;
const ANSWERS = { reached: ANSWER('reached_on'), reconciled: ANSWER('reconciled_on') };

export interface Answer {
  readonly tenantId: string;
  readonly businessDate: CalendarDate;
}

@Injectable()
export class TestClockRepository {
  find(tx: Tx, tenantId: string): Promise<TestClock | null> {
    return tx.manager.findOneBy(TestClockEntity, { tenantId });
  }

  /** The tenant's clock, made with today's date where it has none, locked. */
  async lock(
    tx: Tx,
    tenantId: string,
    today: CalendarDate,
  ): Promise<{ businessDate: CalendarDate; isRunning: boolean }> {
    const [, [clock]] = await Promise.all([
      tx.execute(CREATE, [tenantId, today]),
      tx.query<{ businessDate: CalendarDate; isRunning: boolean }>(LOCK, [tenantId]),
    ]);
    if (!clock) throw new Error('the test clock that was just made is gone');
    return clock;
  }

  async start(tx: Tx, tenantId: string, run: string): Promise<void> {
    await tx.execute(START, [tenantId, run]);
  }

  async renew(tx: Tx, tenantId: string, run: string): Promise<boolean> {
    return (await tx.execute(RENEW, [tenantId, run])) === 1;
  }

  async turn(tx: Tx, tenantId: string, run: string, to: CalendarDate): Promise<boolean> {
    return (await tx.execute(TURN, [tenantId, run, to])) === 1;
  }

  /** The day's sweep is done. @returns the version of the clock, null when the lease was lost */
  async announce(tx: Tx, tenantId: string, run: string): Promise<number | null> {
    const [row] = await tx.query<{ version: number }>(ANNOUNCE, [tenantId, run]);
    return row?.version ?? null;
  }

  async stop(tx: Tx, tenantId: string, run: string): Promise<void> {
    await tx.execute(STOP, [tenantId, run]);
  }

  async answer(tx: Tx, kind: keyof typeof ANSWERS, answers: readonly Answer[]): Promise<void> {
    await tx.execute(ANSWERS[kind], [
      answers.map(({ tenantId }) => tenantId),
      answers.map(({ businessDate }) => businessDate),
    ]);
  }
}
