import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { In } from 'typeorm';
import type { Policy } from '../domain/policy.ts';
import type { PolicyParties } from '../domain/policy-parties.ts';
import type { ChargeLine } from '../domain/recut.ts';
import { ChargeEntity } from './charge.entity.ts';
import type { StoredCharge } from './charge.entity.ts';
import { PolicyEntity } from './policy.entity.ts';
import type { StoredPolicy } from './policy.entity.ts';
import type { PolicyTransaction } from './policy-transaction.entity.ts';

export interface PolicyKey {
  readonly tenantId: string;
  readonly locator: string;
}

const INSERT = `
  WITH holder AS (
    INSERT INTO policyholders (tenant_id, locator) VALUES ($1, $4) ON CONFLICT DO NOTHING
  ), term AS (
    INSERT INTO policy_terms (tenant_id, policy_locator, number, effective_date, expiration_date, plan, plan_version,
      state)
    VALUES ($1, $2, 1, $12, $13, $14, $20, 'in_force')
  )
  INSERT INTO policies (tenant_id, locator, policy_number, policyholder_locator, currency, time_zone, jurisdiction,
    line, billing_method, producer_id, financer_id, effective_date, expiration_date, plan, collection,
    payment_method_id, content_hash, created_at, due_day)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;

const INSERT_TRANSACTION = `
  INSERT INTO policy_transactions
    (tenant_id, id, policy_locator, number, type, state, effective_date, version, created_at, term_number, request,
     content_hash, invalidates)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`;

const INSERT_CHARGES = `
  INSERT INTO charges
    (tenant_id, policy_locator, transaction_id, currency, id, position, category, code, amount_minor, handling,
     term_number, coverage_start, coverage_end, offsets_charge_id)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::int[], $7::text[], $8::text[],
                       $9::bigint[], $10::text[], $11::int[], $12::date[], $13::date[], $14::uuid[])`;

// Whatever changes a policy's schedules, instalments or invoices locks the policy first, several of them in this order:
// so no two transactions wait for each other in a ring.
const LOCK = `
  SELECT p.tenant_id AS "tenantId", p.locator
    FROM policies p JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator) USING (tenant_id, locator)
   ORDER BY p.tenant_id, p.locator FOR NO KEY UPDATE OF p`;

const LOCK_FREE = `
  SELECT p.tenant_id AS "tenantId", p.locator
    FROM policies p JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, locator) USING (tenant_id, locator)
     FOR NO KEY UPDATE OF p SKIP LOCKED`;

const SET_PAYMENT_METHOD = `UPDATE policies SET payment_method_id = $3 WHERE tenant_id = $1 AND locator = $2`;

const SET_PARTIES = `
  WITH holder AS (
    INSERT INTO policyholders (tenant_id, locator) VALUES ($1, $3) ON CONFLICT DO NOTHING
  )
  UPDATE policies SET policyholder_locator = $3, billing_method = $4, collection = $5, payment_method_id = $6,
         producer_id = $7, financer_id = $8, mortgagee_id = $9
   WHERE tenant_id = $1 AND locator = $2`;

const TURN_VERSION = `
  UPDATE policies SET version = version + 1 WHERE tenant_id = $1 AND locator = $2 AND version = $3`;

const INVALIDATE = `
  UPDATE policy_transactions SET state = 'invalidated', version = $3 WHERE tenant_id = $1 AND id = $2`;

const VOID_CHARGES = `
  UPDATE charges c SET voided_minor = c.voided_minor + n.voided
    FROM unnest($2::uuid[], $3::bigint[]) AS n (id, voided) WHERE c.tenant_id = $1 AND c.id = n.id`;

const CONTENT_HASH = `SELECT content_hash AS hash FROM policies WHERE tenant_id = $1 AND locator = $2`;

@Injectable()
export class PolicyRepository {
  /** With its first term. */
  async insert(tx: Tx, policy: StoredPolicy, planVersion: number): Promise<void> {
    await tx.execute(INSERT, [
      policy.tenantId,
      policy.locator,
      policy.policyNumber,
      policy.policyholderLocator,
      policy.currency,
      policy.timeZone,
      policy.jurisdiction,
      policy.line,
      policy.billingMethod,
      policy.producerId,
      policy.financerId,
      policy.effectiveDate,
      policy.expirationDate,
      policy.plan,
      policy.collection,
      policy.paymentMethodId,
      policy.contentHash,
      policy.createdAt,
      policy.dueDay ?? null,
      planVersion,
    ]);
  }

  async insertTransaction(tx: Tx, row: PolicyTransaction): Promise<void> {
    await tx.execute(INSERT_TRANSACTION, [
      row.tenantId,
      row.id,
      row.policyLocator,
      row.number,
      row.type,
      row.state,
      row.effectiveDate,
      row.version,
      row.createdAt,
      row.termNumber,
      JSON.stringify(row.request),
      row.contentHash,
      row.invalidates,
    ]);
  }

  async insertCharges(tx: Tx, charges: readonly StoredCharge[]): Promise<void> {
    if (charges.length === 0) return;
    await tx.execute(INSERT_CHARGES, [
      charges.map(({ tenantId }) => tenantId),
      charges.map(({ policyLocator }) => policyLocator),
      charges.map(({ transactionId }) => transactionId),
      charges.map(({ currency }) => currency),
      charges.map(({ id }) => id),
      charges.map(({ position }) => position),
      charges.map(({ category }) => category),
      charges.map(({ code }) => code),
      charges.map(({ amountMinor }) => amountMinor),
      charges.map(({ handling }) => handling),
      charges.map(({ termNumber }) => termNumber),
      charges.map(({ coverageStart }) => coverageStart),
      charges.map(({ coverageEnd }) => coverageEnd),
      charges.map(({ offsetsChargeId }) => offsetsChargeId),
    ]);
  }

  find(tx: Tx, tenantId: string, locator: string): Promise<Policy | null> {
    return tx.manager.findOneBy(PolicyEntity, { tenantId, locator });
  }

  async findAll(tx: Tx, tenantId: string, locators: readonly string[]): Promise<Map<string, Policy>> {
    if (locators.length === 0) return new Map();
    const found = await tx.manager.findBy(PolicyEntity, { tenantId, locator: In([...new Set(locators)]) });
    return new Map(found.map((policy) => [policy.locator, policy]));
  }

  charges(tx: Tx, tenantId: string, policyLocator: string): Promise<StoredCharge[]> {
    return tx.manager.find(ChargeEntity, { where: { tenantId, policyLocator }, order: { id: 'ASC' } });
  }

  async contentHash(tx: Tx, { tenantId, locator }: PolicyKey): Promise<Buffer | null> {
    const [row] = await tx.query<{ hash: Buffer }>(CONTENT_HASH, [tenantId, locator]);
    return row?.hash ?? null;
  }

  async lock(tx: Tx, keys: readonly PolicyKey[]): Promise<void> {
    await tx.query(LOCK, [keys.map(({ tenantId }) => tenantId), keys.map(({ locator }) => locator)]);
  }

  /** Locks the policies of these rows that nobody else has locked, waiting for none, and answers the rows of those. */
  async lockFree<T extends { tenantId: string; policyLocator: string }>(tx: Tx, rows: readonly T[]): Promise<T[]> {
    if (rows.length === 0) return [];
    const locked = await tx.query<PolicyKey>(LOCK_FREE, [
      rows.map(({ tenantId }) => tenantId),
      rows.map(({ policyLocator }) => policyLocator),
    ]);
    const keys = new Set(locked.map(({ tenantId, locator }) => `${tenantId}/${locator}`));
    return rows.filter(({ tenantId, policyLocator }) => keys.has(`${tenantId}/${policyLocator}`));
  }

  /** The caller holds the lock of the policy. */
  async setParties(tx: Tx, { tenantId, locator }: PolicyKey, parties: PolicyParties): Promise<void> {
    await tx.execute(SET_PARTIES, [
      tenantId,
      locator,
      parties.policyholderLocator,
      parties.billingMethod,
      parties.collection,
      parties.paymentMethodId,
      parties.producerId,
      parties.financerId,
      parties.mortgageeId,
    ]);
  }

  /** @throws Error when it was changed since it was read: the caller held no lock */
  async turnVersion(tx: Tx, { tenantId, locator, version }: Policy): Promise<void> {
    const written = await tx.execute(TURN_VERSION, [tenantId, locator, version]);
    if (written !== 1) throw new Error(`policy ${locator} changed under our lock`);
  }

  async invalidate(tx: Tx, { tenantId, id, version }: PolicyTransaction): Promise<void> {
    await tx.execute(INVALIDATE, [tenantId, id, version]);
  }

  /** What of these charges will never be billed. */
  async voidCharges(tx: Tx, tenantId: string, lines: readonly ChargeLine[]): Promise<void> {
    if (lines.length === 0) return;
    await tx.execute(VOID_CHARGES, [
      tenantId,
      lines.map(({ chargeId }) => chargeId),
      lines.map(({ amountMinor }) => amountMinor),
    ]);
  }

  setPaymentMethod(tx: Tx, { tenantId, locator }: PolicyKey, paymentMethodId: string): Promise<number> {
    return tx.execute(SET_PAYMENT_METHOD, [tenantId, locator, paymentMethodId]);
  }
}
