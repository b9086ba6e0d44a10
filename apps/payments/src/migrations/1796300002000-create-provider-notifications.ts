import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

// A provider's signature names no tenant: what comes in by the open door is nobody's, and no request reads it.
const notifications = [
  `CREATE TABLE provider_notifications (
     tenant_id uuid NOT NULL,
     provider text NOT NULL,
     notification_id text NOT NULL,
     kind text NOT NULL CONSTRAINT provider_notifications_kind CHECK (kind IN ('outcome', 'returned', 'dispute',
       'method')),
     news jsonb NOT NULL,
     occurred_at timestamptz NOT NULL,
     received_at timestamptz NOT NULL,
     state text NOT NULL CONSTRAINT provider_notifications_state CHECK (state IN ('waiting', 'applied', 'unmatched')),
     tries integer NOT NULL,
     next_try_at timestamptz,
     reason text,
     concerned_id uuid,
     finished_at timestamptz,
     CONSTRAINT provider_notifications_pkey PRIMARY KEY (tenant_id, provider, notification_id),
     CONSTRAINT provider_notifications_waits CHECK ((state = 'waiting') = (next_try_at IS NOT NULL)),
     CONSTRAINT provider_notifications_ends CHECK ((state = 'waiting') = (finished_at IS NULL)),
     CONSTRAINT provider_notifications_applied_to CHECK ((state = 'applied') = (concerned_id IS NOT NULL))
   )`,
  `CREATE INDEX provider_notifications_due ON provider_notifications (next_try_at) WHERE state = 'waiting'`,
  `CREATE INDEX provider_notifications_waiting ON provider_notifications (tenant_id) WHERE state = 'waiting'`,
  ...tenantTable('payments', 'provider_notifications', { app: 'INSERT', worker: 'SELECT, INSERT, UPDATE' }),
];

const lookups = [
  // A notification names an attempt by its key and a method by its token, and no tenant.
  `CREATE INDEX payment_attempts_of_key ON payment_attempts (payment_id)`,
  `CREATE INDEX payment_methods_of_token ON payment_methods (provider, token)`,
];

const testClock = [`ALTER TABLE test_clock_days ADD COLUMN asked_at timestamptz`];

/** What providers tell unasked: kept before it is acknowledged, until it was applied. */
export class CreateProviderNotifications1796300002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...notifications, ...lookups, ...testClock]) await runner.query(sql);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('Money is not undone: write a migration forward'));
  }
}
