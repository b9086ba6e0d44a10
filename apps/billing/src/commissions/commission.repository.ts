import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Commission, CommissionBasisNow } from '../domain/commission.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';

/** A term of a policy that begins: what of it decides on a commission. */
export interface NewTerm {
  readonly tenantId: string;
  readonly policyLocator: string;
  readonly number: number;
  readonly effectiveDate: CalendarDate;
  readonly producerId: string;
  readonly currency: string;
}

/** A commission, and the zone that says on which date something of it is booked. */
export interface HeldCommission {
  readonly commission: Commission;
  readonly timeZone: string;
}

export interface FollowedCommission extends HeldCommission {
  readonly now: CommissionBasisNow;
}

export interface ProducerAccount {
  readonly tenantId: string;
  readonly producerId: string;
  readonly currency: string;
}

const amounts = [
  'basisMinor',
  'earnedBasisMinor',
  'reservedMinor',
  'earnedMinor',
  'paidMinor',
] as const satisfies readonly (keyof Commission)[];

type Row = Omit<Commission, 'rate' | (typeof amounts)[number]> &
  Record<(typeof amounts)[number], string> & { rate: number; timeZone: string };
type FollowedRow = Row & { chargedMinor: string; dueMinor: string };

// One statement a batch; of agreements that begin later than the term, none.
const OPEN = `
  INSERT INTO commissions (tenant_id, id, producer_id, policy_locator, term_number, agreement_id, rate_millionths, earn,
    currency, basis_minor, earned_basis_minor, reserved_minor, earned_minor, paid_minor, version)
  SELECT n.tenant_id, n.id, n.producer_id, n.policy_locator, n.term_number, a.id, a.rate_millionths, a.earn,
         n.currency, 0, 0, 0, 0, 0, 0
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::int[], $6::text[], $7::date[])
      AS n (tenant_id, id, producer_id, policy_locator, term_number, currency, starts_on)
   CROSS JOIN LATERAL (
     SELECT g.id, g.rate_millionths, g.earn FROM commission_agreements g
      WHERE g.tenant_id = n.tenant_id AND g.producer_id = n.producer_id AND g.effective_from <= n.starts_on
      ORDER BY g.effective_from DESC LIMIT 1) a`;

const COLUMNS = `
  c.tenant_id AS "tenantId", c.id, c.producer_id AS "producerId", c.policy_locator AS "policyLocator",
  c.term_number AS "termNumber", c.agreement_id AS "agreementId", c.rate_millionths AS rate, c.earn, c.currency,
  c.basis_minor AS "basisMinor", c.earned_basis_minor AS "earnedBasisMinor", c.reserved_minor AS "reservedMinor",
  c.earned_minor AS "earnedMinor", c.paid_minor AS "paidMinor", c.version, p.time_zone AS "timeZone"`;

// The premium as it stands now, so that whoever changes it need not say by how much. A policy without a producer ends
// at the first join. What a subscription collects beside the schedule is not the term's premium. Row by row (`OFFSET
// 0`), as in the receivables: all tables share the tenant, and a planner without statistics would join them by that
// alone.
const FOLLOW = `
  SELECT ${COLUMNS}, h.charged AS "chargedMinor",
         CASE c.earn WHEN 'on_issue' THEN h.charged WHEN 'on_billing' THEN b.billed ELSE b.paid END AS "dueMinor"
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, policy_locator)
   CROSS JOIN LATERAL (
     SELECT * FROM commissions c
      WHERE c.tenant_id = wanted.tenant_id AND c.policy_locator = wanted.policy_locator OFFSET 0) c
   CROSS JOIN LATERAL (
     SELECT * FROM policies p WHERE p.tenant_id = c.tenant_id AND p.locator = c.policy_locator OFFSET 0) p
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(h.amount_minor - h.voided_minor), 0) AS charged FROM charges h
      WHERE h.tenant_id = c.tenant_id AND h.policy_locator = c.policy_locator AND h.term_number = c.term_number
        AND h.category = 'premium') h
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(t.amount_minor), 0) AS billed, coalesce(sum(t.allocated_minor), 0) AS paid
       FROM (SELECT * FROM invoices v
              WHERE v.tenant_id = c.tenant_id AND v.policy_locator = c.policy_locator AND v.state NOT IN ('draft',
                'void')
                AND v.subscription_id IS NULL OFFSET 0) v
      CROSS JOIN LATERAL (
        SELECT * FROM invoice_items t
         WHERE t.tenant_id = v.tenant_id AND t.invoice_id = v.id AND t.category = 'premium' OFFSET 0) t
      CROSS JOIN LATERAL (
        SELECT FROM charges h
         WHERE h.tenant_id = t.tenant_id AND h.id = t.charge_id AND h.term_number = c.term_number OFFSET 0) h) b
   ORDER BY c.id`;

const EARNING_POLICIES = `
  SELECT DISTINCT policy_locator AS locator FROM commissions
   WHERE tenant_id = $1 AND producer_id = $2 AND currency = $3 AND earned_minor <> 0`;

const EARNED = `
  SELECT ${COLUMNS}
    FROM unnest($4::uuid[]) AS wanted (policy_locator)
    JOIN commissions c ON c.tenant_id = $1 AND c.policy_locator = wanted.policy_locator
    JOIN policies p ON p.tenant_id = c.tenant_id AND p.locator = c.policy_locator
   WHERE c.producer_id = $2 AND c.currency = $3 AND c.earned_minor <> 0
   ORDER BY c.id`;

const UPDATE = `
  UPDATE commissions c
     SET basis_minor = n.basis, earned_basis_minor = n.earned_basis, reserved_minor = n.reserved,
         earned_minor = n.earned, paid_minor = n.paid, version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::int[])
      AS n (tenant_id, id, basis, earned_basis, reserved, earned, paid, version)
   WHERE c.tenant_id = n.tenant_id AND c.id = n.id`;

@Injectable()
export class CommissionRepository {
  /** Those of producers with an agreement for the term; how many. The ids are made by the caller. */
  open(tx: Tx, terms: readonly (NewTerm & { readonly id: string })[]): Promise<number> {
    return tx.execute(OPEN, [
      terms.map(({ tenantId }) => tenantId),
      terms.map(({ id }) => id),
      terms.map(({ producerId }) => producerId),
      terms.map(({ policyLocator }) => policyLocator),
      terms.map(({ number }) => number),
      terms.map(({ currency }) => currency),
      terms.map(({ effectiveDate }) => effectiveDate),
    ]);
  }

  /** Of these policies, which are locked, with what their premium is now. */
  async follow(tx: Tx, policies: readonly PolicyKey[]): Promise<FollowedCommission[]> {
    const rows = await tx.query<FollowedRow>(FOLLOW, [
      policies.map(({ tenantId }) => tenantId),
      policies.map(({ locator }) => locator),
    ]);
    return rows.map(({ chargedMinor, dueMinor, ...row }) => ({
      ...toHeld(row),
      now: { basisMinor: BigInt(chargedMinor), earnedBasisMinor: BigInt(dueMinor) },
    }));
  }

  /** Those on which a producer has earned what is not paid yet, or owes: to be locked. */
  async earningPolicies(tx: Tx, { tenantId, producerId, currency }: ProducerAccount): Promise<PolicyKey[]> {
    const rows = await tx.query<{ locator: string }>(EARNING_POLICIES, [tenantId, producerId, currency]);
    return rows.map(({ locator }) => ({ tenantId, locator }));
  }

  /** What of these policies, which are locked, a producer has earned and was not paid. */
  async earned(tx: Tx, account: ProducerAccount, policies: readonly PolicyKey[]): Promise<HeldCommission[]> {
    const { tenantId, producerId, currency } = account;
    const locators = policies.map(({ locator }) => locator);
    return (await tx.query<Row>(EARNED, [tenantId, producerId, currency, locators])).map(toHeld);
  }

  async update(tx: Tx, commissions: readonly Commission[]): Promise<void> {
    if (commissions.length === 0) return;
    await tx.execute(UPDATE, [
      commissions.map(({ tenantId }) => tenantId),
      commissions.map(({ id }) => id),
      ...amounts.map((name) => commissions.map((commission) => commission[name])),
      commissions.map(({ version }) => version),
    ]);
  }
}

function toHeld({ timeZone, rate, ...row }: Row): HeldCommission {
  const minor = Object.fromEntries(amounts.map((name) => [name, BigInt(row[name])]));
  return {
    timeZone,
    commission: { ...row, ...(minor as Pick<Commission, (typeof amounts)[number]>), rate: BigInt(rate) },
  };
}
