import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { PastDue } from '../domain/delinquency-dates.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Policy } from '../domain/policy.ts';
import type { TermState } from '../domain/policy-term.ts';
import { held } from '../holds/held.sql.ts';
import type { SweepScope } from '../instalments/sweep-scope.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';

/** A policy with what is needed to judge it, and how its debts stand. */
export interface DebtorPolicy extends Pick<
  Policy,
  | 'tenantId'
  | 'locator'
  | 'policyholderLocator'
  | 'timeZone'
  | 'billingMethod'
  | 'jurisdiction'
  | 'line'
  | 'producerId'
  | 'currency'
  | 'collection'
  | 'paymentMethodId'
  | 'effectiveDate'
> {
  readonly terms: readonly DebtorTerm[];
  /** When a cancellation of it was last undone. */
  readonly reinstatedAt: Date | null;
  /** Whether anything of it was ever paid and stayed so. */
  readonly isPaid: boolean;
}

export interface DebtorTerm {
  readonly number: number;
  readonly effectiveDate: CalendarDate;
  readonly expirationDate: CalendarDate;
  readonly state: TermState;
  readonly cancelledOn: CalendarDate | null;
}

export interface OpenDebt extends PastDue {
  readonly tenantId: string;
  readonly policyLocator: string;
  readonly isFee: boolean;
  readonly delinquencyId: string | null;
  readonly hasLateFee: boolean;
  readonly termNumber: number;
}

export interface Claimed {
  readonly mine: readonly Candidate[];
  /** Another transaction has the others in hand. */
  readonly isAnyLeft: boolean;
}

/** A policy that has to be looked at, and the plan by which what is new of it is followed. */
export interface Candidate extends PolicyKey {
  readonly policyLocator: string;
  readonly planId: string | null;
}

// Of an invoice `v`.
const TERM_NUMBER = `coalesce((SELECT min(c.term_number) FROM invoice_items i JOIN charges c
              ON c.tenant_id = i.tenant_id AND c.id = i.charge_id
           WHERE i.tenant_id = v.tenant_id AND i.invoice_id = v.id), 1)`;

// One statement, since most days bring nothing. What is a candidate here is taken up by whoever claims it: it is never
// found twice.
const CANDIDATES = (scope: string) => `
  (SELECT d.tenant_id AS "tenantId", d.policy_locator AS locator, d.policy_locator AS "policyLocator",
          NULL::uuid AS "planId"
     FROM delinquencies d
    WHERE d.next_at <= $1 AND ${scope}
    ORDER BY d.next_at, d.id LIMIT $2)
   UNION ALL
  (SELECT v.tenant_id, v.policy_locator, v.policy_locator, v.plan_id
     FROM (SELECT DISTINCT d.tenant_id FROM delinquency_plans d WHERE ${scope}) t
    CROSS JOIN LATERAL (
     SELECT v.tenant_id, v.policy_locator, v.due_on, plan.id AS plan_id
       FROM invoices v
      CROSS JOIN LATERAL (
       SELECT *, ($1::timestamptz AT TIME ZONE p.time_zone)::date AS today
         FROM policies p WHERE p.tenant_id = v.tenant_id AND p.locator = v.policy_locator OFFSET 0) p
      CROSS JOIN LATERAL (
       SELECT r.id, r.tolerance_minor FROM delinquency_plans r
        WHERE r.tenant_id = v.tenant_id AND r.currency = v.currency
          AND (r.jurisdiction IS NULL OR r.jurisdiction = p.jurisdiction) AND (r.line IS NULL OR r.line = p.line)
          AND r.effective_from <= p.today AND (r.effective_to IS NULL OR r.effective_to > p.today)
        ORDER BY (r.jurisdiction IS NOT NULL) DESC, (r.line IS NOT NULL) DESC, r.effective_from DESC, r.id DESC
        LIMIT 1) plan
      WHERE v.tenant_id = t.tenant_id AND v.state IN ('open', 'partially_paid') AND v.delinquency_id IS NULL
        -- No zone is a day ahead of this one.
        AND v.due_on <= ($1::timestamptz AT TIME ZONE 'UTC')::date AND v.due_on < p.today
        AND v.balance_minor > plan.tolerance_minor
        AND EXISTS (SELECT FROM policy_terms m WHERE m.tenant_id = p.tenant_id AND m.policy_locator = p.locator
                       AND m.number = ${TERM_NUMBER} AND coalesce(m.cancelled_on, m.expiration_date) > p.today)
        AND NOT ${held('delinquency', 'p.today')}
      ORDER BY v.due_on, v.id LIMIT $2) v
    ORDER BY v.due_on LIMIT $2)`;
const REAL_TIME = CANDIDATES('NOT EXISTS (SELECT FROM test_clocks c WHERE c.tenant_id = d.tenant_id)');
const OF_TENANT = CANDIDATES('d.tenant_id = $3');

const POLICIES = `
  SELECT p.tenant_id AS "tenantId", p.locator, p.policyholder_locator AS "policyholderLocator",
         p.time_zone AS "timeZone", p.billing_method AS "billingMethod", p.jurisdiction, p.line,
         p.producer_id AS "producerId", p.currency, p.collection, p.payment_method_id AS "paymentMethodId",
         p.effective_date AS "effectiveDate",
         (SELECT json_agg(json_build_object('number', m.number, 'effectiveDate', m.effective_date,
                   'expirationDate', m.expiration_date, 'state', m.state, 'cancelledOn', m.cancelled_on)
                   ORDER BY m.number)
            FROM policy_terms m WHERE m.tenant_id = p.tenant_id AND m.policy_locator = p.locator) AS terms,
         (SELECT max(x.created_at) FROM policy_transactions x
           WHERE x.tenant_id = p.tenant_id AND x.policy_locator = p.locator AND x.type = 'reinstatement'
             AND x.state = 'applied') AS "reinstatedAt",
         EXISTS (SELECT FROM invoices v WHERE v.tenant_id = p.tenant_id AND v.policy_locator = p.locator
                    AND v.allocated_minor > 0) AS "isPaid"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator)
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = wanted.tenant_id AND p.locator = wanted.locator OFFSET 0) p`;

// A due date that is later than the plan's was moved because a payment came back.
const OPEN = `
  SELECT v.tenant_id AS "tenantId", v.policy_locator AS "policyLocator", v.id, v.type = 'fee' AS "isFee",
         v.due_on AS "dueOn", v.balance_minor AS "balanceMinor", v.delinquency_id AS "delinquencyId",
         v.due_on > v.original_due_on AS "isReturned",
         coalesce((SELECT a.state = 'failed' AND a.failure_category = 'hard' FROM collection_attempts a
            WHERE a.tenant_id = v.tenant_id AND a.instalment_id = v.instalment_id
            ORDER BY a.attempt_no DESC LIMIT 1), false) AS "isHopeless",
         EXISTS (SELECT FROM assessed_fees f
                  WHERE f.tenant_id = v.tenant_id AND f.type = 'late_fee' AND f.cause_id = v.id) AS "hasLateFee",
         ${TERM_NUMBER} AS "termNumber"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, policy_locator)
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v
     WHERE v.tenant_id = wanted.tenant_id AND v.policy_locator = wanted.policy_locator
       AND v.state IN ('open', 'partially_paid') OFFSET 0) v
   ORDER BY v.due_on, v.number`;

const PAID_ON = `
  SELECT v.delinquency_id AS id, max(a.effective_date) AS "paidOn"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
    JOIN invoices v ON v.tenant_id = wanted.tenant_id AND v.delinquency_id = wanted.id
    JOIN allocations a ON a.tenant_id = v.tenant_id AND a.invoice_id = v.id AND a.kind = 'apply'
   GROUP BY v.delinquency_id`;

const JOIN = `
  UPDATE invoices v SET delinquency_id = n.delinquency_id
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS n (tenant_id, id, delinquency_id)
   WHERE v.tenant_id = n.tenant_id AND v.id = n.id`;

// What was paid may be past due again one day; what is as good as paid is left alone. Of a policy that goes on unpaid
// everything is owed as on any other.
const PART = `
  UPDATE invoices v SET delinquency_id = NULL
    FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS n (tenant_id, delinquency_id, goes_on)
   WHERE v.tenant_id = n.tenant_id AND v.delinquency_id = n.delinquency_id
     AND (v.balance_minor = 0 OR n.goes_on)`;

@Injectable()
export class PastDueRepository {
  constructor(private readonly policies: PolicyRepository) {}

  /** Policies of which something is due that nobody else has in hand. They are locked until the transaction ends. */
  async claim(tx: Tx, { now, tenantId, limit }: SweepScope): Promise<Claimed> {
    const found =
      tenantId === null
        ? await tx.query<Candidate>(REAL_TIME, [now, limit])
        : await tx.query<Candidate>(OF_TENANT, [now, limit, tenantId]);
    // The past due come last and have a plan: they go before the row of the same policy that has none.
    const byPolicy = new Map(found.map((row) => [`${row.tenantId}/${row.locator}`, row]));
    const mine = await this.policies.lockFree(tx, [...byPolicy.values()]);
    return { mine, isAnyLeft: mine.length < byPolicy.size };
  }

  policiesOf(tx: Tx, keys: readonly PolicyKey[]): Promise<DebtorPolicy[]> {
    return tx.query<DebtorPolicy>(POLICIES, columnsOf(keys));
  }

  /** Every open invoice of the policies, past due or not, what was due first first. */
  async openOf(tx: Tx, keys: readonly PolicyKey[]): Promise<OpenDebt[]> {
    const rows = await tx.query<Omit<OpenDebt, 'balanceMinor'> & { balanceMinor: string }>(OPEN, columnsOf(keys));
    return rows.map((row) => ({ ...row, balanceMinor: BigInt(row.balanceMinor) }));
  }

  /** The business date of the last money for each of these delinquencies. */
  async paidOn(tx: Tx, delinquencies: readonly TenantKey[]): Promise<ReadonlyMap<string, CalendarDate>> {
    if (delinquencies.length === 0) return new Map();
    const rows = await tx.query<{ id: string; paidOn: CalendarDate }>(PAID_ON, [
      delinquencies.map(({ tenantId }) => tenantId),
      delinquencies.map(({ id }) => id),
    ]);
    return new Map(rows.map(({ id, paidOn }) => [id, paidOn]));
  }

  async join(tx: Tx, debts: readonly (TenantKey & { readonly delinquencyId: string })[]): Promise<void> {
    if (debts.length === 0) return;
    await tx.execute(JOIN, [
      debts.map(({ tenantId }) => tenantId),
      debts.map(({ id }) => id),
      debts.map(({ delinquencyId }) => delinquencyId),
    ]);
  }

  async part(tx: Tx, ended: readonly (TenantKey & { readonly goesOn: boolean })[]): Promise<void> {
    if (ended.length === 0) return;
    await tx.execute(PART, [
      ended.map(({ tenantId }) => tenantId),
      ended.map(({ id }) => id),
      ended.map(({ goesOn }) => goesOn),
    ]);
  }
}

function columnsOf(keys: readonly PolicyKey[]): [string[], string[]] {
  return [keys.map(({ tenantId }) => tenantId), keys.map(({ locator }) => locator)];
}
