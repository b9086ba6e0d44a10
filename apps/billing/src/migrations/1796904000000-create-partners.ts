import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from '@quittance/service-kit/database/tenant-table';

/** What partners were quoted and have booked, and what they say of the instalments that they collect. */
export class CreatePartners1796904000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [...packages, ...quotes, ...collections]) await runner.query(sql);
  }

  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const packages = [
  `CREATE TABLE partner_quote_packages (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     partner_id text NOT NULL CONSTRAINT partner_quote_packages_partner CHECK (length(partner_id) BETWEEN 1 AND 64),
     currency char(3) NOT NULL,
     created_at timestamptz NOT NULL,
     booked_at timestamptz,
     CONSTRAINT partner_quote_packages_pk PRIMARY KEY (tenant_id, id)
   )`,
  ...tenantTable('billing', 'partner_quote_packages', { worker: 'SELECT' }),
];

const quotes = [
  `CREATE TABLE partner_quotes (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     package_id uuid NOT NULL,
     position integer NOT NULL CONSTRAINT partner_quotes_position CHECK (position >= 0),
     start_on date NOT NULL,
     end_on date NOT NULL,
     charges jsonb NOT NULL,
     plan text,
     policy_locator uuid,
     CONSTRAINT partner_quotes_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT partner_quotes_position_unique UNIQUE (tenant_id, package_id, position),
     CONSTRAINT partner_quotes_one_policy UNIQUE (tenant_id, policy_locator),
     CONSTRAINT partner_quotes_package FOREIGN KEY (tenant_id, package_id)
       REFERENCES partner_quote_packages (tenant_id, id),
     CONSTRAINT partner_quotes_policy FOREIGN KEY (tenant_id, policy_locator) REFERENCES policies (tenant_id, locator),
     CONSTRAINT partner_quotes_not_empty CHECK (end_on > start_on),
     CONSTRAINT partner_quotes_booked_whole CHECK ((plan IS NULL) = (policy_locator IS NULL))
   )`,
  ...tenantTable('billing', 'partner_quotes', { worker: 'SELECT' }),
];

// Each is a word of the partner's, of which none is taken back.
const collections = [
  `CREATE TABLE partner_collections (
     tenant_id uuid NOT NULL,
     id uuid NOT NULL,
     quote_id uuid NOT NULL,
     instalment_id uuid NOT NULL,
     outcome text NOT NULL CONSTRAINT partner_collections_outcome CHECK (outcome IN ('paid', 'failed')),
     attempted_at timestamptz NOT NULL,
     failures jsonb,
     credit_id uuid,
     recorded_at timestamptz NOT NULL,
     CONSTRAINT partner_collections_pk PRIMARY KEY (tenant_id, id),
     CONSTRAINT partner_collections_quote FOREIGN KEY (tenant_id, quote_id) REFERENCES partner_quotes (tenant_id, id),
     CONSTRAINT partner_collections_instalment FOREIGN KEY (tenant_id, instalment_id)
       REFERENCES instalments (tenant_id, id),
     CONSTRAINT partner_collections_credit FOREIGN KEY (tenant_id, credit_id)
       REFERENCES received_payments (tenant_id, locator),
     CONSTRAINT partner_collections_paid_has_money CHECK ((credit_id IS NOT NULL) = (outcome = 'paid'))
   )`,
  `CREATE INDEX partner_collections_by_instalment ON partner_collections (tenant_id, instalment_id, id)`,
  ...tenantTable('billing', 'partner_collections', { app: 'SELECT, INSERT', worker: 'SELECT' }),
];
