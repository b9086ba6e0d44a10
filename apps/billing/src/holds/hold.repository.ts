import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { LessThan } from 'typeorm';
import type { Hold, HoldState } from '../domain/hold.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { fits } from './held.sql.ts';
import { HoldEntity } from './hold.entity.ts';

export interface HoldPage {
  readonly state: HoldState | null;
  readonly policyLocator: string | null;
  readonly before: string | null;
  readonly limit: number;
}

const COLUMNS = `
  h.tenant_id AS "tenantId", h.id, h.source, h.policy_locator AS "policyLocator", h.jurisdiction, h.line,
  h.producer_id AS "producerId", h.targets, h.starts_on AS "startsOn", h.ends_on AS "endsOn", h.reason, h.state,
  h.version, h.created_at AS "createdAt"`;

const INSERT = `
  INSERT INTO holds (tenant_id, id, source, policy_locator, jurisdiction, line, producer_id, targets, starts_on,
    ends_on,
    reason, state, version, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10, $11, $12, $13, $14)
  ON CONFLICT (tenant_id, id) DO NOTHING`;

const LOCK = `SELECT ${COLUMNS} FROM holds h WHERE h.tenant_id = $1 AND h.id = $2 FOR NO KEY UPDATE`;

const UPDATE = `UPDATE holds SET state = $3, ends_on = $4, version = $5 WHERE tenant_id = $1 AND id = $2`;

const OF_POLICIES = `
  SELECT ${COLUMNS} FROM holds h
   WHERE h.tenant_id = ANY ($1::uuid[]) AND 'delinquency' = ANY (h.targets)
     AND (h.policy_locator IS NULL OR h.policy_locator = ANY ($2::uuid[]))`;

// Of whom it holds, or held, what can be held. Whoever looks at them meanwhile does not see it, and may overwrite when
// they are looked at again.
const LOCK_HELD = `
  SELECT p.locator FROM policies p JOIN holds h ON h.tenant_id = p.tenant_id
   WHERE h.tenant_id = $1 AND h.id = $2 AND ${fits}
     AND EXISTS (SELECT FROM delinquencies d WHERE d.tenant_id = p.tenant_id AND d.policy_locator = p.locator
                    AND d.state IN ('pre_grace', 'in_grace', 'notice_issued'))
   ORDER BY p.tenant_id, p.locator FOR NO KEY UPDATE OF p`;

// Whatever of them is open is looked at by the next sweep.
const WAKE = `
  UPDATE delinquencies d SET next_at = $3
    FROM policies p, holds h
   WHERE d.tenant_id = $1 AND h.tenant_id = d.tenant_id AND h.id = $2 AND p.tenant_id = d.tenant_id
     AND p.locator = d.policy_locator AND d.state IN ('pre_grace', 'in_grace', 'notice_issued')
     AND ${fits}`;

@Injectable()
export class HoldRepository {
  /** @returns whether it is new */
  async insert(tx: Tx, hold: Hold): Promise<boolean> {
    const inserted = await tx.execute(INSERT, [
      hold.tenantId,
      hold.id,
      hold.source,
      hold.policyLocator,
      hold.jurisdiction,
      hold.line,
      hold.producerId,
      hold.targets,
      hold.startsOn,
      hold.endsOn,
      hold.reason,
      hold.state,
      hold.version,
      hold.createdAt,
    ]);
    return inserted > 0;
  }

  async lock(tx: Tx, { tenantId, id }: TenantKey): Promise<Hold | null> {
    const [row] = await tx.query<Hold>(LOCK, [tenantId, id]);
    return row ?? null;
  }

  async update(tx: Tx, { tenantId, id, state, endsOn, version }: Hold): Promise<void> {
    await tx.execute(UPDATE, [tenantId, id, state, endsOn, version]);
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  page(tx: Tx, tenantId: string, { state, policyLocator, before, limit }: HoldPage): Promise<Hold[]> {
    return tx.manager.find(HoldEntity, {
      where: {
        tenantId,
        ...(state === null ? {} : { state }),
        ...(policyLocator === null ? {} : { policyLocator }),
        ...(before === null ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
  }

  /** Those of delinquency that may apply to these policies, past ones too. */
  ofPolicies(tx: Tx, policies: readonly PolicyKey[]): Promise<Hold[]> {
    return tx.query<Hold>(OF_POLICIES, [
      [...new Set(policies.map(({ tenantId }) => tenantId))],
      policies.map(({ locator }) => locator),
    ]);
  }

  /** Takes the locks of the policies whose delinquencies it applies to. */
  async wake(tx: Tx, { tenantId, id }: TenantKey, now: Date): Promise<void> {
    await tx.query(LOCK_HELD, [tenantId, id]);
    await tx.execute(WAKE, [tenantId, id, now]);
  }
}
