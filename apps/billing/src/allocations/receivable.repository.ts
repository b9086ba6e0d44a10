import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { Instalment, InstalmentState } from '../domain/instalment.ts';
import type { Invoice, InvoiceState } from '../domain/invoice.ts';
import type { PolicyView } from '../instalments/instalment.events.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';

/** What is owed on one invoice, with everything that a payment of it changes or tells. */
export interface Receivable {
  readonly invoice: Invoice;
  readonly instalment: Instalment;
  readonly policy: PolicyView;
}

interface Row {
  tenantId: string;
  id: string;
  number: string;
  type: 'instalment';
  policyLocator: string;
  instalmentId: string;
  state: InvoiceState;
  currency: string;
  issuedOn: string;
  dueOn: string;
  originalDueOn: string;
  totalMinor: string;
  allocatedMinor: string;
  balanceMinor: string;
  version: number;
  items: {
    itemNo: number;
    chargeId: string;
    category: string;
    code: string | null;
    amount: string;
    allocated: string;
  }[];
  scheduleId: string;
  instalmentNumber: number;
  instalmentState: InstalmentState;
  instalmentVersion: number;
  periodStart: string;
  periodEnd: string;
  policyholderLocator: string;
  timeZone: string;
  collection: PolicyView['collection'];
  paymentMethodId: string | null;
}

const COLUMNS = `
  v.tenant_id AS "tenantId", v.id, v.number, v.type, v.policy_locator AS "policyLocator",
  v.instalment_id AS "instalmentId", v.state, v.currency, v.issued_on AS "issuedOn", v.due_on AS "dueOn",
  v.original_due_on AS "originalDueOn", v.total_minor AS "totalMinor", v.allocated_minor AS "allocatedMinor",
  v.balance_minor AS "balanceMinor", v.version,
  (SELECT json_agg(json_build_object('itemNo', t.item_no, 'chargeId', t.charge_id, 'category', t.category,
     'code', t.code, 'amount', t.amount_minor::text, 'allocated', t.allocated_minor::text) ORDER BY t.item_no)
     FROM invoice_items t WHERE t.tenant_id = v.tenant_id AND t.invoice_id = v.id) AS items,
  i.schedule_id AS "scheduleId", i.number AS "instalmentNumber", i.state AS "instalmentState",
  i.version AS "instalmentVersion", i.period_start AS "periodStart", i.period_end AS "periodEnd",
  p.policyholder_locator AS "policyholderLocator", p.time_zone AS "timeZone", p.collection,
  p.payment_method_id AS "paymentMethodId"`;

// Each table is looked up by its whole key, row by row (`OFFSET 0` keeps it so): all of them share the tenant, and a
// planner without statistics would rather join them by that alone, every row of a tenant with every other.
const JOINS = `
  CROSS JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = v.tenant_id AND i.id = v.instalment_id OFFSET 0) i
  CROSS JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = v.tenant_id AND p.locator = v.policy_locator OFFSET 0) p`;

const OPEN_OF_POLICIES = `
  SELECT ${COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, policy_locator)
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v
     WHERE v.tenant_id = wanted.tenant_id AND v.policy_locator = wanted.policy_locator
       AND v.state IN ('open', 'partially_paid') OFFSET 0) v ${JOINS}`;

const BY_ID = `
  SELECT ${COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v WHERE v.tenant_id = wanted.tenant_id AND v.id = wanted.id OFFSET 0) v ${JOINS}`;

/** Reads only: what is found is safe to change while the locks of its policies are held. */
@Injectable()
export class ReceivableRepository {
  async open(tx: Tx, policies: readonly PolicyKey[]): Promise<Receivable[]> {
    const rows = await tx.query<Row>(OPEN_OF_POLICIES, [
      policies.map(({ tenantId }) => tenantId),
      policies.map(({ locator }) => locator),
    ]);
    return rows.map(toReceivable);
  }

  async byInvoice(tx: Tx, invoices: readonly TenantKey[]): Promise<Receivable[]> {
    const rows = await tx.query<Row>(BY_ID, [invoices.map(({ tenantId }) => tenantId), invoices.map(({ id }) => id)]);
    return rows.map(toReceivable);
  }
}

/** The instalment's money is its invoice's: they are two views of one debt. */
function toReceivable(row: Row): Receivable {
  const { tenantId, policyLocator, currency, dueOn, originalDueOn } = row;
  const debt = { tenantId, policyLocator, currency, dueOn, originalDueOn };
  const amounts = { allocatedMinor: BigInt(row.allocatedMinor), balanceMinor: BigInt(row.balanceMinor) };
  const totalMinor = BigInt(row.totalMinor);
  const { id, type, instalmentId, state, issuedOn, version, policyholderLocator, timeZone } = row;
  const { collection, paymentMethodId, scheduleId, periodStart, periodEnd } = row;
  const items = row.items.map(({ amount, allocated, ...item }) => ({
    ...item,
    amountMinor: BigInt(amount),
    allocatedMinor: BigInt(allocated),
  }));
  return {
    invoice: {
      ...debt,
      ...amounts,
      id,
      number: BigInt(row.number),
      type,
      instalmentId,
      state,
      issuedOn,
      totalMinor,
      items,
      version,
    },
    instalment: {
      ...debt,
      ...amounts,
      id: instalmentId,
      scheduleId,
      number: row.instalmentNumber,
      periodStart,
      periodEnd,
      amountMinor: totalMinor,
      state: row.instalmentState,
      version: row.instalmentVersion,
    },
    policy: { locator: policyLocator, policyholderLocator, timeZone, collection, paymentMethodId },
  };
}
