import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { In, LessThan, Not } from 'typeorm';
import { delinquencyStates, isDelinquencyOpen } from '../domain/delinquency.ts';
import type { Delinquency, DelinquencyState } from '../domain/delinquency.ts';
import type { TenantKey } from '../domain/identity.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { DelinquencyEntity, DelinquencyNoticeEntity } from './delinquency.entity.ts';
import type { DelinquencyRow, NoticeRow } from './delinquency.entity.ts';

export interface DelinquencyPage {
  readonly policyLocator: string | null;
  readonly state: DelinquencyState | null;
  readonly before: string | null;
  readonly limit: number;
}

/** A policy, and the id of what concerns it. */
export type Concerned = PolicyKey & TenantKey;

const INSERT = `
  INSERT INTO delinquencies (tenant_id, id, policy_locator, invoice_id, plan_id, reason, state, currency, balance_minor,
    onset_on, grace_end_on, reminders_sent, notice_id, cancellation_id, cancel_on, review_reason, next_at, version,
    created_at)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
    $9::bigint[], $10::date[], $11::date[], $12::int[], $13::uuid[], $14::uuid[], $15::date[], $16::text[],
    $17::timestamptz[], $18::int[], $19::timestamptz[])
  ON CONFLICT (tenant_id, id) DO UPDATE
    SET state = excluded.state, reason = excluded.reason, balance_minor = excluded.balance_minor,
        grace_end_on = excluded.grace_end_on, reminders_sent = excluded.reminders_sent, notice_id = excluded.notice_id,
        cancellation_id = excluded.cancellation_id, cancel_on = excluded.cancel_on,
        review_reason = excluded.review_reason, next_at = excluded.next_at, version = excluded.version`;

const PUT_NOTICES = `
  INSERT INTO delinquency_notices (tenant_id, id, delinquency_id, rule_id, state, announced_on, amount_minor, mailed_at,
    mailed_on, proof_ref, channel, effective_on, effective_at, cure_on)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::date[], $7::bigint[],
    $8::timestamptz[], $9::date[], $10::text[], $11::text[], $12::date[], $13::timestamptz[], $14::date[])
  ON CONFLICT (tenant_id, id) DO UPDATE
    SET state = excluded.state, mailed_at = excluded.mailed_at, mailed_on = excluded.mailed_on,
        proof_ref = excluded.proof_ref, channel = excluded.channel, effective_on = excluded.effective_on,
        effective_at = excluded.effective_at, cure_on = excluded.cure_on`;

// One that another took the place of counts no more.
const WITHDRAW_OTHERS = `
  UPDATE delinquency_notices n SET state = 'withdrawn'
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS d (tenant_id, delinquency_id, notice_id)
   WHERE n.tenant_id = d.tenant_id AND n.delinquency_id = d.delinquency_id AND n.id <> d.notice_id
     AND n.state IN ('due', 'mailed')`;

const WAKE = `
  UPDATE delinquencies d SET next_at = least(d.next_at, n.at)
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS n (tenant_id, policy_locator, at)
   WHERE d.tenant_id = n.tenant_id AND d.policy_locator = n.policy_locator AND d.state = ANY ($4::text[])`;

// What was as good as paid when its delinquency ended may be owed again. What was owed then is left to the person who
// ended it nevertheless.
const FREE = `
  UPDATE invoices v SET delinquency_id = NULL
    FROM unnest($1::uuid[], $2::uuid[]) AS n (tenant_id, policy_locator)
    JOIN delinquencies d ON d.tenant_id = n.tenant_id AND d.policy_locator = n.policy_locator
     AND NOT d.state = ANY ($3::text[])
    JOIN delinquency_plans r ON r.tenant_id = d.tenant_id AND r.id = d.plan_id
   WHERE v.tenant_id = d.tenant_id AND v.delinquency_id = d.id
     AND (v.balance_minor = 0 OR v.balance_minor > r.tolerance_minor
      AND (d.review_reason IS NULL OR d.state = 'rescinded' OR d.balance_minor <= r.tolerance_minor))`;

const POLICIES_OF_NOTICES = `
  SELECT d.tenant_id AS "tenantId", d.policy_locator AS locator, wanted.id
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
    JOIN delinquency_notices n ON n.tenant_id = wanted.tenant_id AND n.id = wanted.id
    JOIN delinquencies d ON d.tenant_id = n.tenant_id AND d.id = n.delinquency_id`;

const POLICIES_OF_CANCELLATIONS = `
  SELECT d.tenant_id AS "tenantId", d.policy_locator AS locator, wanted.id
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
    JOIN delinquencies d ON d.tenant_id = wanted.tenant_id AND d.cancellation_id = wanted.id`;

const POLICIES_OF_PAYMENTS = `
  SELECT wanted.tenant_id AS "tenantId", v.policy_locator AS locator, wanted.id
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
    JOIN allocations a ON a.tenant_id = wanted.tenant_id AND a.payment_locator = wanted.id
    JOIN invoices v ON v.tenant_id = a.tenant_id AND v.id = a.invoice_id AND v.policy_locator IS NOT NULL
   UNION
  SELECT wanted.tenant_id, f.owner_locator::uuid, wanted.id
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
    JOIN unapplied_entries e ON e.tenant_id = wanted.tenant_id AND e.payment_locator = wanted.id
    JOIN unapplied_funds f ON f.tenant_id = e.tenant_id AND f.id = e.fund_id AND f.owner_type = 'policy'`;

export type Answerable = Pick<Delinquency, 'tenantId' | 'cancellationId' | 'state' | 'reviewReason'>;

/** From when on a policy is to be looked at again. */
export interface Waking extends PolicyKey {
  readonly at: Date;
}

const openStates = delinquencyStates.filter(isDelinquencyOpen);

@Injectable()
export class DelinquencyRepository {
  /** New ones, and what became of others; the caller holds the locks of their policies. */
  async save(tx: Tx, delinquencies: readonly Delinquency[]): Promise<void> {
    if (delinquencies.length === 0) return;
    await tx.execute(INSERT, [
      delinquencies.map(({ tenantId }) => tenantId),
      delinquencies.map(({ id }) => id),
      delinquencies.map(({ policyLocator }) => policyLocator),
      delinquencies.map(({ invoiceId }) => invoiceId),
      delinquencies.map(({ planId }) => planId),
      delinquencies.map(({ reason }) => reason),
      delinquencies.map(({ state }) => state),
      delinquencies.map(({ currency }) => currency),
      delinquencies.map(({ balanceMinor }) => balanceMinor),
      delinquencies.map(({ onsetOn }) => onsetOn),
      delinquencies.map(({ graceEndOn }) => graceEndOn),
      delinquencies.map(({ remindersSent }) => remindersSent),
      delinquencies.map(({ notice }) => notice?.id ?? null),
      delinquencies.map(({ cancellationId }) => cancellationId),
      delinquencies.map(({ cancelOn }) => cancelOn),
      delinquencies.map(({ reviewReason }) => reviewReason),
      delinquencies.map(({ nextAt }) => nextAt),
      delinquencies.map(({ version }) => version),
      delinquencies.map(({ createdAt }) => createdAt),
    ]);
    await this.saveNotices(tx, delinquencies);
  }

  /** Theirs, as they are now: before another one takes their place, it is kept what became of them. */
  async saveNotices(tx: Tx, delinquencies: readonly Delinquency[]): Promise<void> {
    const rows = delinquencies.flatMap(({ tenantId, id: delinquencyId, notice }): NoticeRow[] =>
      notice ? [{ ...notice, tenantId, delinquencyId }] : [],
    );
    if (rows.length === 0) return;
    const keys = [rows.map(({ tenantId }) => tenantId), rows.map(({ delinquencyId }) => delinquencyId)];
    await tx.execute(WITHDRAW_OTHERS, [...keys, rows.map(({ id }) => id)]);
    await tx.execute(PUT_NOTICES, [
      rows.map(({ tenantId }) => tenantId),
      rows.map(({ id }) => id),
      rows.map(({ delinquencyId }) => delinquencyId),
      rows.map(({ ruleId }) => ruleId),
      rows.map(({ state }) => state),
      rows.map(({ announcedOn }) => announcedOn),
      rows.map(({ amountMinor }) => amountMinor),
      rows.map(({ mailedAt }) => mailedAt),
      rows.map(({ mailedOn }) => mailedOn),
      rows.map(({ proofRef }) => proofRef),
      rows.map(({ channel }) => channel),
      rows.map(({ effectiveOn }) => effectiveOn),
      rows.map(({ effectiveAt }) => effectiveAt),
      rows.map(({ cureOn }) => cureOn),
    ]);
  }

  /** Whatever of these policies is open, or owed again, is looked at by the next sweep: they have changed. */
  async wake(tx: Tx, policies: readonly Waking[]): Promise<void> {
    const keys = [policies.map(({ tenantId }) => tenantId), policies.map(({ locator }) => locator)];
    await Promise.all([
      tx.execute(WAKE, [...keys, policies.map(({ at }) => at), openStates]),
      tx.execute(FREE, [...keys, openStates]),
    ]);
  }

  async openOf(tx: Tx, policies: readonly PolicyKey[]): Promise<Delinquency[]> {
    if (policies.length === 0) return [];
    const rows = await tx.manager.findBy(
      DelinquencyEntity,
      policies.map(({ tenantId, locator }) => ({ tenantId, policyLocator: locator, state: In(openStates) })),
    );
    return this.withNotices(tx, rows);
  }

  async find(tx: Tx, { tenantId, id }: TenantKey): Promise<Delinquency | null> {
    const row = await tx.manager.findOneBy(DelinquencyEntity, { tenantId, id });
    const [found] = row ? await this.withNotices(tx, [row]) : [];
    return found ?? null;
  }

  /** Newest first, one more than `limit` so that the caller sees whether there is another page. */
  async page(tx: Tx, tenantId: string, page: DelinquencyPage): Promise<Delinquency[]> {
    const { policyLocator, state, before, limit } = page;
    const rows = await tx.manager.find(DelinquencyEntity, {
      where: {
        tenantId,
        ...(policyLocator === null ? {} : { policyLocator }),
        ...(state === null ? {} : { state }),
        ...(before === null ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit + 1,
    });
    return this.withNotices(tx, rows);
  }

  /** Earlier notices of it, the oldest first. */
  earlierNotices(tx: Tx, { tenantId, id, notice }: Delinquency): Promise<NoticeRow[]> {
    return tx.manager.find(DelinquencyNoticeEntity, {
      where: { tenantId, delinquencyId: id, ...(notice ? { id: Not(notice.id) } : {}) },
      order: { id: 'ASC' },
    });
  }

  /** The policies that these notices are about, to lock them by. */
  policiesOfNotices(tx: Tx, notices: readonly TenantKey[]): Promise<Concerned[]> {
    return tx.query<Concerned>(POLICIES_OF_NOTICES, columnsOf(notices));
  }

  policiesOfCancellations(tx: Tx, requests: readonly TenantKey[]): Promise<Concerned[]> {
    return tx.query<Concerned>(POLICIES_OF_CANCELLATIONS, columnsOf(requests));
  }

  /** How those stand of which cancellation was asked for, under these ids. */
  ofCancellations(tx: Tx, requests: readonly TenantKey[]): Promise<Answerable[]> {
    return tx.manager.find(DelinquencyEntity, {
      select: { tenantId: true, cancellationId: true, state: true, reviewReason: true },
      where: requests.map(({ tenantId, id }) => ({ tenantId, cancellationId: id })),
    });
  }

  /** The policies whose debts or funds money of these payments went to. */
  policiesOfPayments(tx: Tx, payments: readonly TenantKey[]): Promise<Concerned[]> {
    return tx.query<Concerned>(POLICIES_OF_PAYMENTS, columnsOf(payments));
  }

  private async withNotices(tx: Tx, rows: readonly DelinquencyRow[]): Promise<Delinquency[]> {
    const wanted = rows.flatMap(({ tenantId, noticeId: id }) => (id === null ? [] : [{ tenantId, id }]));
    const found = wanted.length === 0 ? [] : await tx.manager.findBy(DelinquencyNoticeEntity, wanted);
    const notices = new Map(found.map(({ tenantId: _t, delinquencyId: _d, ...notice }) => [notice.id, notice]));
    return rows.map(({ noticeId, ...row }) => {
      return { ...row, notice: noticeId === null ? null : (notices.get(noticeId) ?? null) };
    });
  }
}

function columnsOf(keys: readonly TenantKey[]): [string[], string[]] {
  return [keys.map(({ tenantId }) => tenantId), keys.map(({ id }) => id)];
}
