import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import type { CalendarDate } from '../domain/calendar.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { InstalmentState } from '../domain/instalment.ts';
import type { CoveredInstalment, Schedule, ScheduleState } from '../domain/schedule.ts';
import { ScheduleEntity } from './schedule.entity.ts';

export interface Coverage {
  readonly tenantId: string;
  readonly id: string;
  readonly state: ScheduleState;
  readonly plan: string;
  readonly currency: string;
  readonly totalMinor: bigint;
  readonly version: number;
  readonly instalments: readonly (CoveredInstalment & { readonly id: string })[];
}

export interface ScheduleProgress {
  readonly tenantId: string;
  readonly id: string;
  readonly state: ScheduleState;
  readonly version: number;
  readonly paidThrough: CalendarDate | null;
}

interface CoverageRow {
  tenantId: string;
  scheduleId: string;
  scheduleState: ScheduleState;
  plan: string;
  currency: string;
  total: string;
  version: number;
  id: string;
  number: number;
  state: InstalmentState;
  periodEnd: CalendarDate;
}

const INSERT = `
  INSERT INTO schedules
    (tenant_id, id, policy_locator, transaction_id, plan, state, currency, total_minor, paid_through, version,
     created_at, term_number, plan_version, supersedes_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;

// Looked up by whole keys, row by row, as in receivable.repository.ts.
const COVERAGE = `
  SELECT s.tenant_id AS "tenantId", s.id AS "scheduleId", s.state AS "scheduleState", s.plan, s.currency,
         s.total_minor AS total, s.version,
         i.id, i.number, i.state, i.period_end AS "periodEnd"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
   CROSS JOIN LATERAL (
    SELECT * FROM schedules s WHERE s.tenant_id = wanted.tenant_id AND s.id = wanted.id OFFSET 0) s
   CROSS JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = s.tenant_id AND i.schedule_id = s.id
       AND i.state <> 'superseded' OFFSET 0) i`;

const UPDATE_PROGRESS = `
  UPDATE schedules s SET state = n.state, version = n.version, paid_through = n.paid_through
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::date[])
      AS n (tenant_id, id, state, version, paid_through)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id
     AND (s.state, s.version, s.paid_through) IS DISTINCT FROM (n.state, n.version, n.paid_through)`;

const RECUT = `
  UPDATE schedules SET state = $3, total_minor = $4, paid_through = $5, plan = $6, plan_version = $7, version = $8
   WHERE tenant_id = $1 AND id = $2`;

const COVER = `
  UPDATE schedules s SET paid_through = (
    SELECT max(i.period_end) FROM instalments i
     WHERE i.tenant_id = s.tenant_id AND i.schedule_id = s.id AND i.state NOT IN ('superseded', 'cancelled')
       AND NOT EXISTS (SELECT FROM instalments o
         WHERE o.tenant_id = i.tenant_id AND o.schedule_id = i.schedule_id AND o.number <= i.number
           AND o.state NOT IN ('paid', 'superseded', 'cancelled')))
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, id)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id`;

@Injectable()
export class ScheduleRepository {
  async insert(tx: Tx, schedule: Schedule): Promise<void> {
    await tx.execute(INSERT, [
      schedule.tenantId,
      schedule.id,
      schedule.policyLocator,
      schedule.transactionId,
      schedule.plan,
      schedule.state,
      schedule.currency,
      schedule.totalMinor,
      schedule.paidThrough,
      schedule.version,
      schedule.createdAt,
      schedule.termNumber,
      schedule.planVersion,
      schedule.supersedesId,
    ]);
  }

  find(tx: Tx, { tenantId, id }: TenantKey): Promise<Schedule | null> {
    return tx.manager.findOneBy(ScheduleEntity, { tenantId, id });
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, { policyLocator, before, limit }: SchedulePage): Promise<Schedule[]> {
    const older = before === null ? {} : { id: LessThan(before) };
    const of = policyLocator === null ? {} : { policyLocator };
    return tx.manager.find(ScheduleEntity, {
      where: { tenantId, ...of, ...older },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  /** Which instalments of these schedules are paid. The policies are locked, so nobody changes it meanwhile. */
  async coverage(tx: Tx, keys: readonly TenantKey[]): Promise<Coverage[]> {
    const rows = await tx.query<CoverageRow>(COVERAGE, [
      keys.map(({ tenantId }) => tenantId),
      keys.map(({ id }) => id),
    ]);
    const groups = Map.groupBy(rows, ({ scheduleId }) => scheduleId);
    return [...groups].map(([id, instalments]) => {
      const { tenantId, scheduleState: state, plan, currency, total, version } = instalments[0]!;
      return { tenantId, id, state, plan, currency, totalMinor: BigInt(total), version, instalments };
    });
  }

  /** The caller holds the lock of the policy. */
  async recut(tx: Tx, schedule: Schedule): Promise<void> {
    const { tenantId, id, state, totalMinor, paidThrough, plan, planVersion, version } = schedule;
    await tx.execute(RECUT, [tenantId, id, state, totalMinor, paidThrough, plan, planVersion, version]);
  }

  /** Writes down anew how far cover is paid, as `paidThrough` of the domain says it. */
  async cover(tx: Tx, keys: readonly TenantKey[]): Promise<void> {
    await tx.execute(COVER, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
  }

  async updateProgress(tx: Tx, schedules: readonly ScheduleProgress[]): Promise<void> {
    if (schedules.length === 0) return;
    await tx.execute(UPDATE_PROGRESS, [
      schedules.map(({ tenantId }) => tenantId),
      schedules.map(({ id }) => id),
      schedules.map(({ state }) => state),
      schedules.map(({ version }) => version),
      schedules.map(({ paidThrough }) => paidThrough),
    ]);
  }
}

export interface SchedulePage {
  readonly policyLocator: string | null;
  readonly before: string | null;
  readonly limit: number;
}
