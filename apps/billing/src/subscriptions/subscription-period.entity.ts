import { EntitySchema } from 'typeorm';
import { date, instant, uuid } from '@quittance/service-kit/database/columns';
import type { SubscriptionPeriod } from '../domain/subscription-period.ts';

export const SubscriptionPeriodEntity = new EntitySchema<SubscriptionPeriod>({
  name: 'SubscriptionPeriod',
  tableName: 'subscription_periods',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    subscriptionId: uuid('subscription_id'),
    number: { type: 'integer', name: 'number' },
    startsOn: date('starts_on'),
    endsOn: date('ends_on'),
    invoiceId: uuid('invoice_id'),
    state: { type: 'text', name: 'state' },
    attempt: { type: 'integer', name: 'attempt' },
    firstOn: date('first_on'),
    nextStepAt: instant('next_step_at', { nullable: true }),
    failureCode: { type: 'text', name: 'failure_code', nullable: true },
  },
});
