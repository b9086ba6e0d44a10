import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { In } from 'typeorm';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { Subscription, SubscriptionFilter } from '../domain/subscription.ts';
import { SubscriptionEntity } from './subscription.entity.ts';

const INSERT = `
  INSERT INTO subscriptions (tenant_id, id, link_id, status, amount_minor, currency, interval, count, anchor_on,
    next_charge_on, policy_id, carrier_id, employer_id, payment_method_id, version, created_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[],
    $8::int[], $9::date[], $10::date[], $11::text[], $12::text[], $13::text[], $14::uuid[], $15::int[],
    $16::timestamptz[])
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
     SET status = n.status, next_charge_on = n.next_charge_on, review_reason = n.review_reason, version = n.version
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::text[], $6::int[])
      AS n (tenant_id, id, status, next_charge_on, review_reason, version)
   WHERE s.tenant_id = n.tenant_id AND s.id = n.id`;

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
      subscriptions.map(({ nextChargeOn }) => nextChargeOn),
      subscriptions.map(({ policyId }) => policyId),
      subscriptions.map(({ carrierId }) => carrierId),
      subscriptions.map(({ employerId }) => employerId),
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
    const locked = await tx.query<TenantKey>(LOCK, [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)]);
    if (locked.length === 0) return [];
    return tx.manager.findBy(
      SubscriptionEntity,
      locked.map(({ tenantId, id }) => ({ tenantId, id })),
    );
  }

  /** Locked, those that these links started. */
  async lockOfLinks(tx: Tx, links: readonly TenantKey[]): Promise<Subscription[]> {
    const keys = await tx.query<TenantKey>(OF_LINKS, [
      links.map(({ tenantId }) => tenantId),
      links.map(({ id }) => id),
    ]);
    return this.lock(tx, keys);
  }

  async update(tx: Tx, subscriptions: readonly Subscription[]): Promise<void> {
    if (subscriptions.length === 0) return;
    await tx.execute(UPDATE, [
      subscriptions.map(({ tenantId }) => tenantId),
      subscriptions.map(({ id }) => id),
      subscriptions.map(({ status }) => status),
      subscriptions.map(({ nextChargeOn }) => nextChargeOn),
      subscriptions.map(({ reviewReason }) => reviewReason),
      subscriptions.map(({ version }) => version),
    ]);
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
