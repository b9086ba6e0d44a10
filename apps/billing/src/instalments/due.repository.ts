import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Instalment } from '../domain/instalment.ts';
import { held } from '../holds/held.sql.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { Claim } from './claim.repository.ts';
import type { PolicyView } from './instalment.events.ts';

export interface DueLine {
  readonly chargeId: string;
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
}

export interface Autopay {
  readonly on: CalendarDate;
  readonly at: Date;
}

export interface DueInstalment {
  readonly instalment: Instalment;
  readonly policy: PolicyView;
  readonly lines: readonly DueLine[];
  readonly paidThrough: CalendarDate | null;
  readonly dueAt: Date;
  /** Where a method is charged on another date than the due date. */
  readonly autopay: Autopay | null;
  /** The event that made it due, where it was no sweep. */
  readonly cause?: QuittanceEvent | undefined;
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
  dueAt: Date;
  autopayOn: CalendarDate | null;
  autopayAt: Date | null;
  /** Null of none. */
  lines: { chargeId: string; category: string; code: string | null; amount: string }[] | null;
}

/** Columns of a due instalment, without its lines, over `i` instalments, `p` policies, `s` schedules. */
export const DUE_COLUMNS = `
  i.tenant_id AS "tenantId", i.id, i.schedule_id AS "scheduleId", i.policy_locator AS "policyLocator", i.number,
  i.source,
  i.due_on AS "dueOn", i.original_due_on AS "originalDueOn", i.period_start AS "periodStart",
  i.period_end AS "periodEnd", i.currency, i.amount_minor AS "amountMinor",
  i.allocated_minor AS "allocatedMinor", i.balance_minor AS "balanceMinor",
  i.state, i.version, i.due_at AS "dueAt", i.autopay_on AS "autopayOn", i.autopay_at AS "autopayAt",
  p.policyholder_locator AS "policyholderLocator", p.time_zone AS "timeZone", p.collection,
  p.payment_method_id AS "paymentMethodId", s.paid_through AS "paidThrough"`;

/** What is to be billed of `i`, before it is netted. */
const LINES = `
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

// Read after the locks were taken: what another sweep has released meanwhile is no longer scheduled.
const LOAD = `
  SELECT ${DUE_COLUMNS}, ${LINES}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
   CROSS JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = wanted.tenant_id AND i.id = wanted.id OFFSET 0) i ${DUE_JOINS}
   WHERE i.state = 'scheduled' AND s.state NOT IN ('draft', 'on_hold') AND NOT ${held('invoicing', 'i.due_on')}
   ORDER BY i.tenant_id, i.due_on, i.number, i.id`;

const OF_POLICY = `
  SELECT ${DUE_COLUMNS}, ${LINES}
    FROM (SELECT * FROM instalments i
           WHERE i.tenant_id = $1 AND i.policy_locator = $2 AND i.state = 'scheduled' AND i.generate_at <= $3
           OFFSET 0) i
    ${DUE_JOINS}
   WHERE s.state NOT IN ('draft', 'on_hold') AND NOT ${held('invoicing', 'i.due_on')}
   ORDER BY i.due_on, i.number, i.id`;

const HELD = `
  SELECT n.id FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[]) AS n (tenant_id, locator, id, due_on)
    JOIN policies p ON p.tenant_id = n.tenant_id AND p.locator = n.locator
   WHERE ${held('invoicing', 'n.due_on')}`;

@Injectable()
export class DueRepository {
  /** Those of new instalments that no hold keeps from being billed. */
  async free(tx: Tx, dues: readonly DueInstalment[]): Promise<DueInstalment[]> {
    if (dues.length === 0) return [];
    const rows = await tx.query<{ id: string }>(HELD, [
      dues.map(({ instalment }) => instalment.tenantId),
      dues.map(({ instalment }) => instalment.policyLocator),
      dues.map(({ instalment }) => instalment.id),
      dues.map(({ instalment }) => instalment.dueOn),
    ]);
    const kept = new Set(rows.map(({ id }) => id));
    return dues.filter(({ instalment }) => !kept.has(instalment.id));
  }

  /** What of a policy is to be billed by now. The caller holds its lock. */
  async ofPolicy(tx: Tx, { tenantId, locator }: PolicyKey, now: Date): Promise<DueInstalment[]> {
    return (await tx.query<Row>(OF_POLICY, [tenantId, locator, now])).map(toDue);
  }

  /** Of these instalments those that are still to be billed. Their policies are locked. */
  async toBill(tx: Tx, { tenantIds, ids }: Pick<Claim, 'tenantIds' | 'ids'>): Promise<DueInstalment[]> {
    return (await tx.query<Row>(LOAD, [tenantIds, ids])).map(toDue);
  }
}

export function toDue(row: Row): DueInstalment {
  const { policyholderLocator, timeZone, collection, paymentMethodId, paidThrough, lines, dueAt, ...others } = row;
  const { autopayOn, autopayAt, ...rest } = others;
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
    dueAt,
    autopay: autopayOf({ autopayOn, autopayAt }),
  };
}

export function autopayOf(instalment: { autopayOn: CalendarDate | null; autopayAt: Date | null }): Autopay | null {
  const { autopayOn: on, autopayAt: at } = instalment;
  return on !== null && at !== null ? { on, at } : null;
}

export type DueRow = Row;
