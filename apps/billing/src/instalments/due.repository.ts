import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Instalment } from '../domain/instalment.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { PolicyView } from './instalment.events.ts';

export interface DueLine {
  readonly chargeId: string;
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
}

export interface DueInstalment {
  readonly instalment: Instalment;
  readonly policy: PolicyView;
  readonly lines: readonly DueLine[];
  readonly paidThrough: CalendarDate | null;
  /** The event that made it due, where it was no sweep. */
  readonly cause?: QuittanceEvent | undefined;
}

/** Whose sweep: every tenant that lives in real time, or the one whose test clock is being advanced. */
export interface SweepScope {
  readonly now: Date;
  readonly tenantId: string | null;
  readonly limit: number;
}

interface Row extends Omit<Instalment, 'amountMinor' | 'allocatedMinor' | 'balanceMinor'> {
  amountMinor: string;
  allocatedMinor: string;
  balanceMinor: string;
  policyholderLocator: string;
  timeZone: string;
  collection: PolicyView['collection'];
  paymentMethodId: string | null;
  paidThrough: CalendarDate | null;
  lines: { chargeId: string; category: string; code: string | null; amount: string }[] | null;
}

/** Columns of a due instalment, over `i` instalments, `p` policies, `s` schedules. */
export const DUE_COLUMNS = `
  i.tenant_id AS "tenantId", i.id, i.schedule_id AS "scheduleId", i.policy_locator AS "policyLocator", i.number,
  i.source,
  i.due_on AS "dueOn", i.original_due_on AS "originalDueOn", i.period_start AS "periodStart",
  i.period_end AS "periodEnd", i.currency, i.amount_minor AS "amountMinor",
  i.allocated_minor AS "allocatedMinor", i.balance_minor AS "balanceMinor",
  i.state, i.version, p.policyholder_locator AS "policyholderLocator", p.time_zone AS "timeZone", p.collection,
  p.payment_method_id AS "paymentMethodId", s.paid_through AS "paidThrough",
  (SELECT json_agg(json_build_object('chargeId', c.id, 'category', c.category, 'code', c.code,
                                     'amount', l.amount_minor::text) ORDER BY c.id)
     FROM instalment_lines l
    CROSS JOIN LATERAL (
      SELECT * FROM charges c WHERE c.tenant_id = l.tenant_id AND c.id = l.charge_id OFFSET 0) c
    WHERE l.tenant_id = i.tenant_id AND l.instalment_id = i.id) AS lines`;

/** What belongs to `i`. Looked up by whole keys, row by row, as in receivable.repository.ts. */
export const DUE_JOINS = `
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = i.tenant_id AND p.locator = i.policy_locator OFFSET 0) p
   CROSS JOIN LATERAL (
    SELECT * FROM schedules s WHERE s.tenant_id = i.tenant_id AND s.id = i.schedule_id OFFSET 0) s`;

const CANDIDATES = (scope: string) => `
  SELECT i.tenant_id AS "tenantId", i.id, i.policy_locator AS "policyLocator"
    FROM instalments i
   WHERE i.state = 'scheduled' AND i.due_at <= $1 AND ${scope}
   ORDER BY i.due_at, i.id LIMIT $2`;
const REAL_TIME = CANDIDATES('NOT EXISTS (SELECT FROM test_clocks t WHERE t.tenant_id = i.tenant_id)');
const OF_TENANT = CANDIDATES('i.tenant_id = $3');

// Read after the locks were taken: what another sweep has released meanwhile is no longer scheduled.
const LOAD = `
  SELECT ${DUE_COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
   CROSS JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = wanted.tenant_id AND i.id = wanted.id OFFSET 0) i ${DUE_JOINS}
   WHERE i.state = 'scheduled'
   ORDER BY i.tenant_id, i.due_on, i.number, i.id`;

const OF_POLICY = `
  SELECT ${DUE_COLUMNS}
    FROM (SELECT * FROM instalments i
           WHERE i.tenant_id = $1 AND i.policy_locator = $2 AND i.state = 'scheduled' AND i.due_at <= $3 OFFSET 0) i
    ${DUE_JOINS}
   ORDER BY i.due_on, i.number, i.id`;

const ANY_LEFT = `
  SELECT FROM instalments i WHERE i.state = 'scheduled' AND i.due_at <= $1 AND i.tenant_id = $2 LIMIT 1`;

interface Candidate {
  readonly tenantId: string;
  readonly id: string;
  readonly policyLocator: string;
}

@Injectable()
export class DueRepository {
  constructor(private readonly policies: PolicyRepository) {}

  /** Due instalments whose policies nobody else has in hand. Those policies are locked until the transaction ends. */
  async claim(tx: Tx, { now, tenantId, limit }: SweepScope): Promise<DueInstalment[]> {
    const candidates =
      tenantId === null
        ? await tx.query<Candidate>(REAL_TIME, [now, limit])
        : await tx.query<Candidate>(OF_TENANT, [now, limit, tenantId]);
    const mine = await this.policies.lockFree(tx, candidates);
    if (mine.length === 0) return [];
    const rows = await tx.query<Row>(LOAD, [mine.map((each) => each.tenantId), mine.map(({ id }) => id)]);
    return rows.map(toDue);
  }

  /** What of a policy is due by now. The caller holds its lock. */
  async ofPolicy(tx: Tx, { tenantId, locator }: PolicyKey, now: Date): Promise<DueInstalment[]> {
    return (await tx.query<Row>(OF_POLICY, [tenantId, locator, now])).map(toDue);
  }

  /** Whether one is left that another transaction has in hand. */
  async isAnyLeft(tx: Tx, now: Date, tenantId: string): Promise<boolean> {
    return (await tx.query(ANY_LEFT, [now, tenantId])).length > 0;
  }
}

export function toDue(row: Row): DueInstalment {
  const { policyholderLocator, timeZone, collection, paymentMethodId, paidThrough, lines, ...rest } = row;
  return {
    instalment: {
      ...rest,
      amountMinor: BigInt(rest.amountMinor),
      allocatedMinor: BigInt(rest.allocatedMinor),
      balanceMinor: BigInt(rest.balanceMinor),
    },
    policy: { locator: row.policyLocator, policyholderLocator, timeZone, collection, paymentMethodId },
    lines: (lines ?? []).map(({ amount, ...line }) => ({ ...line, amountMinor: BigInt(amount) })),
    paidThrough,
  };
}

export type DueRow = Row;
