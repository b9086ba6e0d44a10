import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { Delinquency, Notice } from '../domain/delinquency.ts';

/** The notice is a row of its own: an earlier one, with its proof, stays. */
export interface DelinquencyRow extends Omit<Delinquency, 'notice'> {
  readonly noticeId: string | null;
}
export interface NoticeRow extends Notice {
  readonly tenantId: string;
  readonly delinquencyId: string;
}

const text = (name: string, nullable = false) => ({ type: 'text' as const, name, nullable });
const integer = (name: string) => ({ type: 'integer' as const, name });

export const DelinquencyEntity = new EntitySchema<DelinquencyRow>({
  name: 'Delinquency',
  tableName: 'delinquencies',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    policyLocator: uuid('policy_locator'),
    invoiceId: uuid('invoice_id', { nullable: true }),
    planId: uuid('plan_id'),
    reason: text('reason'),
    state: text('state'),
    currency: { type: 'char', length: 3, name: 'currency' },
    balanceMinor: money('balance_minor'),
    onsetOn: date('onset_on'),
    graceEndOn: date('grace_end_on', { nullable: true }),
    remindersSent: integer('reminders_sent'),
    noticeId: uuid('notice_id', { nullable: true }),
    cancellationId: uuid('cancellation_id', { nullable: true }),
    cancelOn: date('cancel_on', { nullable: true }),
    reviewReason: text('review_reason', true),
    nextAt: instant('next_at', { nullable: true }),
    version: integer('version'),
    createdAt: instant('created_at'),
  },
});

export const DelinquencyNoticeEntity = new EntitySchema<NoticeRow>({
  name: 'DelinquencyNotice',
  tableName: 'delinquency_notices',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    delinquencyId: uuid('delinquency_id'),
    ruleId: uuid('rule_id'),
    state: text('state'),
    announcedOn: date('announced_on'),
    amountMinor: money('amount_minor'),
    mailedAt: instant('mailed_at', { nullable: true }),
    mailedOn: date('mailed_on', { nullable: true }),
    proofRef: text('proof_ref', true),
    channel: text('channel', true),
    effectiveOn: date('effective_on', { nullable: true }),
    effectiveAt: instant('effective_at', { nullable: true }),
    cureOn: date('cure_on', { nullable: true }),
  },
});
