import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { isUuid } from '@quittance/service-kit/http/path-id';
import { In } from 'typeorm';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Subscription, SubscriptionFilter } from '../domain/subscription.ts';
import { SubscriptionEntity } from './subscription.entity.ts';

/** A policy that a subscription names, where this service knows it. */
export interface NamedPolicy {
  readonly locator: string;
  readonly policyholderLocator: string;
  readonly currency: string;
  readonly timeZone: string;
}

/** Who owes: the policyholder of its policy, where that is known, else whom it names. */
export function policyholderOf({ employerId }: Subscription, policy: NamedPolicy | null): string {
  return policy?.policyholderLocator ?? employerId;
}

const INSERT = `
  INSERT INTO subscriptions (tenant_id, id, link_id, status, amount_minor, currency, interval, count, anchor_on,
    next_index, next_charge_on, next_charge_at, time_zone, policy_id, carrier_id, employer_id, customer,
    payment_method_id, version, created_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[],
    $8::int[], $9::date[], $10::int[], $11::date[], $12::timestamptz[], $13::text[], $14::text[], $15::text[],
    $16::text[], $17::jsonb[], $18::uuid[], $19::int[], $20::timestamptz[])
  ON CONFLICT (tenant_id, link_id) DO NOTHING
  RETURNING tenant_id AS "tenantId", id`;

const LOCK = `
  SELECT s.tenant_id AS "tenantId", s.id FROM subscriptions s
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id) USING (tenant_id, id)
   ORDER BY s.tenant_id, s.id FOR NO KEY UPDATE OF s`;

const OF_LINKS = `
  SELECT s.tenant_id AS "tenantId", s.id FROM subscriptions s
    JOIN unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, link_id) USING (tenant_id, link_id)`;

const UPDATE = `
  UPDATE subscriptions s
     SET status = n.status, billed_count = n.billed_count, collected_count = n.collected_count,
         arrears_count = n.arrears_count, next_index = n.next_index, next_charge_on = n.next_charge_on,
         next_charge_at = n.next_charge_at, payment_method_id = n.payment_method_id, review_reason = n.review_reason,
         version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::int[], $6::int[], $7::int[], $8::date[],
                $9::timestamptz[], $10::uuid[], $11::text[], $12::int[])
      AS n (tenant_id, id, status, billed_count, collected_count, arrears_count, next_index, next_charge_on,
            next_charge_at, payment_method_id, review_reason, version)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id`;

// Looked up by whole keys, row by row, as in receivable.repository.ts.
const POLICIES = `
  SELECT w.ord::int, p.locator, p.policyholder_locator AS "policyholderLocator", p.currency, p.time_zone AS "timeZone"
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS w (tenant_id, locator, ord)
   CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = w.tenant_id AND p.locator = w.locator OFFSET 0) p`;

@Injectable()
export class SubscriptionRepository {
  /** @returns those whose link had none before */
  async insert(tx: Tx, subscriptions: readonly Subscription[]): Promise<Subscription[]> {
    if (subscriptions.length === 0) return [];
    const rows = await tx.query<TenantKey>(INSERT, [
      subscriptions.map(({ tenantId }) => tenantId),
      subscriptions.map(({ id }) => id),
      subscriptions.map(({ linkId }) => linkId),
      subscriptions.map(({ status }) => status),
      subscriptions.map(({ amountMinor }) => amountMinor),
      subscriptions.map(({ currency }) => currency),
      subscriptions.map(({ interval }) => interval),
      subscriptions.map(({ count }) => count),
      subscriptions.map(({ anchorOn }) => anchorOn),
      subscriptions.map(({ nextIndex }) => nextIndex),
      subscriptions.map(({ nextChargeOn }) => nextChargeOn),
      subscriptions.map(({ nextChargeAt }) => nextChargeAt),
      subscriptions.map(({ timeZone }) => timeZone),
      subscriptions.map(({ policyId }) => policyId),
      subscriptions.map(({ carrierId }) => carrierId),
      subscriptions.map(({ employerId }) => employerId),
      subscriptions.map(({ customer }) => JSON.stringify(customer)),
      subscriptions.map(({ paymentMethodId }) => paymentMethodId),
      subscriptions.map(({ version }) => version),
      subscriptions.map(({ createdAt }) => createdAt),
    ]);
    const made = new Set(rows.map(keyOf));
    return subscriptions.filter((each) => made.has(keyOf(each)));
  }

  find(tx: Tx, { tenantId, id }: TenantKey): Promise<Subscription | null> {
    return tx.manager.findOneBy(SubscriptionEntity, { tenantId, id });
  }

  async lock(tx: Tx, keys: readonly TenantKey[]): Promise<Subscription[]> {
    return this.read(tx, await this.lockKeys(tx, keys));
  }

  /** After the policies, before funds and the counters of invoice numbers. */
  async lockKeys(tx: Tx, keys: readonly TenantKey[]): Promise<TenantKey[]> {
    if (keys.length === 0) return [];
    return tx.query<TenantKey>(LOCK, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
  }

  /** Where they may change, those that this transaction holds locked. */
  async read(tx: Tx, locked: readonly TenantKey[]): Promise<Subscription[]> {
    if (locked.length === 0) return [];
    return tx.manager.findBy(
      SubscriptionEntity,
      locked.map(({ tenantId, id }) => ({ tenantId, id })),
    );
  }

  /** Those that these links started. */
  ofLinks(tx: Tx, links: readonly TenantKey[]): Promise<TenantKey[]> {
    return tx.query<TenantKey>(OF_LINKS, [links.map(({ tenantId }) => tenantId), links.map(({ id }) => id)]);
  }

  async update(tx: Tx, subscriptions: readonly Subscription[]): Promise<void> {
    if (subscriptions.length === 0) return;
    await tx.execute(UPDATE, [
      subscriptions.map(({ tenantId }) => tenantId),
      subscriptions.map(({ id }) => id),
      subscriptions.map(({ status }) => status),
      subscriptions.map(({ billedCount }) => billedCount),
      subscriptions.map(({ collectedCount }) => collectedCount),
      subscriptions.map(({ arrearsCount }) => arrearsCount),
      subscriptions.map(({ nextIndex }) => nextIndex),
      subscriptions.map(({ nextChargeOn }) => nextChargeOn),
      subscriptions.map(({ nextChargeAt }) => nextChargeAt),
      subscriptions.map(({ paymentMethodId }) => paymentMethodId),
      subscriptions.map(({ reviewReason }) => reviewReason),
      subscriptions.map(({ version }) => version),
    ]);
  }

  /** What each of them names as its policy, in their order; null for a name that is no policy of ours. */
  async policiesOf(
    tx: Tx,
    named: readonly { readonly tenantId: string; readonly policyId: string }[],
  ): Promise<(NamedPolicy | null)[]> {
    const rows = await tx.query<NamedPolicy & { ord: number }>(POLICIES, [
      named.map(({ tenantId }) => tenantId),
      named.map(({ policyId }) => (isUuid(policyId) ? policyId : null)),
    ]);
    const found = new Map(rows.map(({ ord, ...policy }) => [ord, policy]));
    return named.map((_each, index) => found.get(index + 1) ?? null);
  }

  /** Newest first, and how many there are in all. */
  page(
    tx: Tx,
    tenantId: string,
    filter: SubscriptionFilter,
    { skip, take }: { skip: number; take: number },
  ): Promise<[Subscription[], number]> {
    const { statuses, ...equal } = filter;
    const given = Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined));
    return tx.manager.findAndCount(SubscriptionEntity, {
      where: { tenantId, ...given, ...(statuses ? { status: In([...statuses]) } : {}) },
      order: { id: 'DESC' },
      skip,
      take,
    });
  }
}
