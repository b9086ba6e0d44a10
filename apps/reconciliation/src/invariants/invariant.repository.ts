import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Check } from './check.ts';
import { checks, invariants } from './checks.ts';
import type { Invariant } from './checks.ts';

/** A place where one does not hold: an entry, a dispute, a payment, a batch, or the currency of a trial balance. */
export interface Violation {
  readonly invariant: Invariant;
  readonly tenantId: string;
  readonly subject: string;
}

/** What the last look found in the books of a tenant. */
export interface Verdict {
  readonly invariant: string;
  readonly violations: number;
  readonly subjects: readonly string[];
  readonly checkedAt: Date;
}

const SUBJECTS_MAX = 100;
const LOOKED = `
  INSERT INTO invariant_looks (invariant, checked_at) SELECT i, $2 FROM unnest($1::text[]) i
  ON CONFLICT (invariant) DO UPDATE SET checked_at = greatest(invariant_looks.checked_at, excluded.checked_at)`;
const FORGET = `
  DELETE FROM invariant_results r
   WHERE NOT EXISTS (SELECT FROM unnest($1::uuid[], $2::text[]) f (tenant_id, invariant)
                      WHERE f.tenant_id = r.tenant_id AND f.invariant = r.invariant)`;
const KEEP = `
  INSERT INTO invariant_results (tenant_id, invariant, violations, subjects, checked_at)
  SELECT tenant_id, invariant, count(*), (array_agg(subject ORDER BY subject))[1:${SUBJECTS_MAX}], $4
    FROM unnest($1::uuid[], $2::text[], $3::text[]) f (tenant_id, invariant, subject)
   GROUP BY tenant_id, invariant ORDER BY tenant_id, invariant
  ON CONFLICT (tenant_id, invariant) DO UPDATE
     SET violations = excluded.violations, subjects = excluded.subjects, checked_at = excluded.checked_at`;
const VERDICTS = `
  SELECT l.invariant, coalesce(r.violations, 0) AS violations, coalesce(r.subjects, '{}') AS subjects,
         greatest(l.checked_at, r.checked_at) AS "checkedAt"
    FROM invariant_looks l LEFT JOIN invariant_results r ON r.tenant_id = $1 AND r.invariant = l.invariant`;

/** The books, checked by other means than those that wrote them: the guards in the database are not believed here. */
@Injectable()
export class InvariantRepository {
  /** @param since only entries booked from then on are added up one by one; null means all that there are */
  async violations(tx: Tx, since: Date | null): Promise<Violation[]> {
    const found = await Promise.all(
      checks.map(async ({ id: invariant, sql }: Check & { id: Invariant }) => {
        const rows = await tx.query<{ tenant_id: string; subject: string }>(sql, sql.includes('$1') ? [since] : []);
        return rows.map(({ tenant_id: tenantId, subject }): Violation => ({ invariant, tenantId, subject }));
      }),
    );
    return found.flat();
  }

  /** What a look found takes the place of what was found before; only a look at everything finds that all is well. */
  async keep(tx: Tx, violations: readonly Violation[], { at, isWhole }: { at: Date; isWhole: boolean }): Promise<void> {
    const found = [violations.map(({ tenantId }) => tenantId), violations.map(({ invariant }) => invariant)];
    if (isWhole) await tx.execute(FORGET, found);
    const subjects = violations.map(({ subject }) => subject);
    if (violations.length > 0) await tx.execute(KEEP, [...found, subjects, at]);
    await tx.execute(LOOKED, [invariants.map(({ id }) => id), at]);
  }

  verdicts(tx: Tx, tenantId: string): Promise<Verdict[]> {
    return tx.query<Verdict>(VERDICTS, [tenantId]);
  }
}
