import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { PremiumCharge, PremiumTransaction } from '../domain/earned-premium.ts';

// In one order, so that two that meet the same policies wait for each other. What was over is to be looked at again.
const ADD = `
  WITH added AS (
    INSERT INTO premium_transactions
      (tenant_id, id, policy_locator, term_number, type, effective_on, invalidates, charges)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::date[], $7::uuid[], $8::jsonb[])
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, id
  ), told AS (
    SELECT t.tenant_id, t.policy, max(t.currency) AS currency
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $9::text[]) t (tenant_id, id, policy, currency)
      JOIN added a ON a.tenant_id = t.tenant_id AND a.id = t.id
     GROUP BY t.tenant_id, t.policy
  ), again AS (
    UPDATE earned_premiums p SET earned_until = '-infinity' FROM told t
     WHERE t.currency IS NULL AND p.tenant_id = t.tenant_id AND p.policy_locator = t.policy
  )
  INSERT INTO earned_premiums (tenant_id, policy_locator, currency)
  SELECT tenant_id, policy, currency FROM told WHERE currency IS NOT NULL ORDER BY tenant_id, policy
  ON CONFLICT (tenant_id, policy_locator) DO UPDATE SET earned_until = '-infinity'`;

/** Of tenants whose time a test moves, the day that was reached; null is the others' today. */
const CLAIM = `
  WITH days AS (
    SELECT s.tenant_id, CASE s.earning WHEN 'monthly' THEN date_trunc('month', d.day)::date ELSE d.day END AS day
      FROM ledger_settings s
      LEFT JOIN LATERAL (SELECT max(c.business_on) AS reached FROM test_clock_days c WHERE c.tenant_id = s.tenant_id) c
        ON true
      CROSS JOIN LATERAL (SELECT coalesce(c.reached, $1::date) AS day) d
     WHERE s.earning <> 'off' AND ($2::uuid IS NULL OR s.tenant_id = $2)
  )
  SELECT p.tenant_id, p.policy_locator, p.currency, p.earned_minor, p.steps, d.day
    FROM days d JOIN earned_premiums p ON p.tenant_id = d.tenant_id AND p.earned_until < d.day
   ORDER BY p.tenant_id, p.policy_locator LIMIT $3
     FOR UPDATE OF p SKIP LOCKED`;
const SAID = `
  SELECT t.tenant_id, t.policy_locator, t.id, t.term_number, t.type, t.effective_on, t.invalidates, t.charges
    FROM unnest($1::uuid[], $2::text[]) k (tenant_id, policy)
    JOIN premium_transactions t ON t.tenant_id = k.tenant_id AND t.policy_locator = k.policy
   ORDER BY t.seq`;
const UNEARNED = `
  SELECT k.tenant_id, k.policy, coalesce(-sum(l.amount_minor), 0)::text AS minor
    FROM unnest($1::uuid[], $2::text[], $3::text[]) k (tenant_id, policy, currency)
    LEFT JOIN journal_lines l ON l.tenant_id = k.tenant_id AND l.policy_locator = k.policy
      AND l.account = '2010' AND l.currency = k.currency
   GROUP BY k.tenant_id, k.policy`;
const EARNED = `
  UPDATE earned_premiums p
     SET earned_minor = p.earned_minor + e.minor, earned_until = e.until, steps = p.steps + 1
    FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::date[]) e (tenant_id, policy, minor, until)
   WHERE p.tenant_id = e.tenant_id AND p.policy_locator = e.policy`;

export interface PolicyKey {
  readonly tenantId: string;
  readonly policyLocator: string;
}
export interface SaidOfPremium extends PolicyKey, PremiumTransaction {
  /** Null where it charges nothing. */
  readonly currency: string | null;
}
export interface ClaimedPolicy extends PolicyKey {
  readonly currency: string;
  readonly earnedMinor: bigint;
  /** How often it was looked at: names the entry. */
  readonly steps: number;
  /** The days before it have passed. */
  readonly day: string;
}
export interface EarnedStep extends PolicyKey {
  readonly minor: bigint;
  /** When it was looked at, or for ever. */
  readonly until: string;
}

const columns = (keys: readonly PolicyKey[]) => [
  keys.map(({ tenantId }) => tenantId),
  keys.map(({ policyLocator }) => policyLocator),
];
export const textOf = ({ tenantId, policyLocator }: PolicyKey) => `${tenantId} ${policyLocator}`;

@Injectable()
export class PremiumRepository {
  /** A transaction that was said before changes nothing. */
  async add(tx: Tx, said: readonly SaidOfPremium[]): Promise<void> {
    await tx.execute(ADD, [
      said.map(({ tenantId }) => tenantId),
      said.map(({ id }) => id),
      said.map(({ policyLocator }) => policyLocator),
      said.map(({ termNumber }) => termNumber),
      said.map(({ type }) => type),
      said.map(({ effectiveOn }) => effectiveOn),
      said.map(({ invalidates }) => invalidates),
      said.map(({ charges }) =>
        JSON.stringify(charges.map((each) => ({ ...each, amountMinor: String(each.amountMinor) }))),
      ),
      said.map(({ currency }) => currency),
    ]);
  }

  /** Policies of which more may be earned by now, locked. @param tenantId null: of whatever tenant */
  async claim(tx: Tx, today: string, tenantId: string | null, limit: number): Promise<ClaimedPolicy[]> {
    const rows = await tx.query<ClaimedRow>(CLAIM, [today, tenantId, limit]);
    return rows.map((row) => ({
      ...{ tenantId: row.tenant_id, policyLocator: row.policy_locator, currency: row.currency, day: row.day },
      earnedMinor: BigInt(row.earned_minor),
      steps: row.steps,
    }));
  }

  async said(tx: Tx, keys: readonly PolicyKey[]): Promise<Map<string, PremiumTransaction[]>> {
    const rows = await tx.query<SaidRow>(SAID, columns(keys));
    const groups = Map.groupBy(rows, (row) => textOf({ tenantId: row.tenant_id, policyLocator: row.policy_locator }));
    return new Map([...groups].map(([key, ofPolicy]) => [key, ofPolicy.map(transactionOf)]));
  }

  /** What is in 2010 of each policy. */
  async unearned(tx: Tx, keys: readonly ClaimedPolicy[]): Promise<Map<string, bigint>> {
    const rows = await tx.query<{ tenant_id: string; policy: string; minor: string }>(UNEARNED, [
      ...columns(keys),
      keys.map(({ currency }) => currency),
    ]);
    return new Map(
      rows.map((row) => [textOf({ tenantId: row.tenant_id, policyLocator: row.policy }), BigInt(row.minor)]),
    );
  }

  async earned(tx: Tx, steps: readonly EarnedStep[]): Promise<void> {
    const [minors, untils] = [steps.map(({ minor }) => minor.toString()), steps.map(({ until }) => until)];
    await tx.execute(EARNED, [...columns(steps), minors, untils]);
  }
}

interface ClaimedRow {
  tenant_id: string;
  policy_locator: string;
  currency: string;
  earned_minor: string;
  steps: number;
  day: string;
}
interface SaidRow {
  tenant_id: string;
  policy_locator: string;
  id: string;
  term_number: number;
  type: string;
  effective_on: string;
  invalidates: string | null;
  charges: (Omit<PremiumCharge, 'amountMinor'> & { amountMinor: string })[];
}

function transactionOf(row: SaidRow): PremiumTransaction {
  return {
    ...{ id: row.id, termNumber: row.term_number, type: row.type },
    ...{ effectiveOn: row.effective_on, invalidates: row.invalidates },
    charges: row.charges.map((charge) => ({ ...charge, amountMinor: BigInt(charge.amountMinor) })),
  };
}
