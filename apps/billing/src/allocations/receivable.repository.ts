import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { TenantKey } from '../domain/identity.ts';
import type { Instalment, InstalmentSource, InstalmentState } from '../domain/instalment.ts';
import type { Invoice, InvoiceState, InvoiceType } from '../domain/invoice.ts';
import type { PolicyView } from '../instalments/instalment.events.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';

/** Whose debts: a policy's, or a subscription's that names no policy of ours. Its key is what is locked for them. */
export interface AccountKey extends PolicyKey {
  readonly isSubscription?: boolean;
}

/** What is owed on one invoice, with everything that a payment of it changes or tells. */
export interface Receivable {
  readonly invoice: Invoice;
  /** None for what no schedule has: a fee, a period of a subscription. */
  readonly instalment: Instalment | null;
  readonly policy: PolicyView;
}

interface Row {
  tenantId: string;
  id: string;
  number: string;
  type: InvoiceType;
  policyLocator: string | null;
  /** As the subscription names it. */
  namedPolicy: string | null;
  subscriptionId: string | null;
  instalmentId: string | null;
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
    chargeId: string | null;
    category: string;
    code: string | null;
    amount: string;
    allocated: string;
    writtenOff: string;
  }[];
  instalment: {
    scheduleId: string;
    number: number;
    source: InstalmentSource;
    state: InstalmentState;
    version: number;
    periodStart: string;
    periodEnd: string;
  } | null;
  policyholderLocator: string;
  timeZone: string;
  collection: PolicyView['collection'];
  paymentMethodId: string | null;
}

const COLUMNS = `
  v.tenant_id AS "tenantId", v.id, v.number, v.type, v.policy_locator AS "policyLocator",
  v.subscription_id AS "subscriptionId", v.instalment_id AS "instalmentId", v.state, v.currency,
  v.issued_on AS "issuedOn", v.due_on AS "dueOn", v.original_due_on AS "originalDueOn",
  v.total_minor AS "totalMinor", v.allocated_minor AS "allocatedMinor",
  v.balance_minor AS "balanceMinor", v.version,
  (SELECT json_agg(json_build_object('itemNo', t.item_no, 'chargeId', t.charge_id, 'category', t.category,
     'code', t.code, 'amount', t.amount_minor::text, 'allocated', t.allocated_minor::text,
     'writtenOff', t.written_off_minor::text) ORDER BY t.item_no)
     FROM invoice_items t WHERE t.tenant_id = v.tenant_id AND t.invoice_id = v.id) AS items,
  CASE WHEN i.id IS NOT NULL THEN json_build_object('scheduleId', i.schedule_id, 'number', i.number,
     'source', i.source, 'state', i.state, 'version', i.version, 'periodStart', i.period_start,
     'periodEnd', i.period_end) END AS instalment,
  s.policy_id AS "namedPolicy", coalesce(p.policyholder_locator, s.employer_id) AS "policyholderLocator",
  coalesce(p.time_zone, s.time_zone) AS "timeZone", coalesce(p.collection, 'invoice') AS collection,
  p.payment_method_id AS "paymentMethodId"`;

// Each table is looked up by its whole key, row by row (`OFFSET 0` keeps it so): all of them share the tenant, and a
// planner without statistics would rather join them by that alone, every row of a tenant with every other.
const JOINS = `
  LEFT JOIN LATERAL (
    SELECT * FROM instalments i WHERE i.tenant_id = v.tenant_id AND i.id = v.instalment_id OFFSET 0) i ON true
  LEFT JOIN LATERAL (
    SELECT * FROM policies p WHERE p.tenant_id = v.tenant_id AND p.locator = v.policy_locator OFFSET 0) p ON true
  LEFT JOIN LATERAL (
    SELECT * FROM subscriptions s WHERE s.tenant_id = v.tenant_id AND s.id = v.subscription_id OFFSET 0) s ON true`;

const OPEN_OF_POLICIES = `
  SELECT ${COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, policy_locator)
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v
     WHERE v.tenant_id = wanted.tenant_id AND v.policy_locator = wanted.policy_locator
       AND v.state IN ('open', 'partially_paid') OFFSET 0) v ${JOINS}`;

const OPEN_OF_SUBSCRIPTIONS = `
  SELECT ${COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, subscription_id)
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v
     WHERE v.tenant_id = wanted.tenant_id AND v.subscription_id = wanted.subscription_id AND v.policy_locator IS NULL
       AND v.state IN ('open', 'partially_paid') OFFSET 0) v ${JOINS}`;

const BY_ID = `
  SELECT ${COLUMNS}
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted (tenant_id, id)
   CROSS JOIN LATERAL (
    SELECT * FROM invoices v WHERE v.tenant_id = wanted.tenant_id AND v.id = wanted.id OFFSET 0) v ${JOINS}`;

/** Reads only: what is found is safe to change while the locks of its policies are held. */
@Injectable()
export class ReceivableRepository {
  async open(tx: Tx, accounts: readonly AccountKey[]): Promise<Receivable[]> {
    const [policies, subscriptions] = [false, true].map((wanted) =>
      accounts.filter(({ isSubscription = false }) => isSubscription === wanted),
    );
    const found = await Promise.all([
      this.read(tx, OPEN_OF_POLICIES, policies!),
      this.read(tx, OPEN_OF_SUBSCRIPTIONS, subscriptions!),
    ]);
    return found.flat();
  }

  byInvoice(tx: Tx, invoices: readonly TenantKey[]): Promise<Receivable[]> {
    return this.read(
      tx,
      BY_ID,
      invoices.map(({ tenantId, id: locator }) => ({ tenantId, locator })),
    );
  }

  private async read(tx: Tx, text: string, keys: readonly PolicyKey[]): Promise<Receivable[]> {
    if (keys.length === 0) return [];
    const rows = await tx.query<Row>(text, [keys.map(({ tenantId }) => tenantId), keys.map(({ locator }) => locator)]);
    return rows.map(toReceivable);
  }
}

/** The instalment's money is its invoice's: they are two views of one debt. */
function toReceivable(row: Row): Receivable {
  const { policyholderLocator, timeZone, collection, paymentMethodId, instalment, namedPolicy, ...debt } = row;
  const invoice: Invoice = {
    ...debt,
    number: BigInt(debt.number),
    totalMinor: BigInt(debt.totalMinor),
    allocatedMinor: BigInt(debt.allocatedMinor),
    balanceMinor: BigInt(debt.balanceMinor),
    items: debt.items.map(({ amount, allocated, writtenOff, ...item }) => ({
      ...item,
      amountMinor: BigInt(amount),
      allocatedMinor: BigInt(allocated),
      writtenOffMinor: BigInt(writtenOff),
    })),
  };
  const locator = row.policyLocator ?? namedPolicy ?? '';
  const policy = { locator, policyholderLocator, timeZone, collection, paymentMethodId };
  return { invoice, instalment: instalmentOf(row, invoice), policy };
}

function instalmentOf({ instalment, policyLocator, instalmentId }: Row, invoice: Invoice): Instalment | null {
  if (!instalment || instalmentId === null || policyLocator === null) return null;
  const { tenantId, currency, dueOn, originalDueOn, totalMinor, allocatedMinor, balanceMinor } = invoice;
  const debt = { tenantId, currency, dueOn, originalDueOn, allocatedMinor, balanceMinor };
  return { ...debt, ...instalment, id: instalmentId, policyLocator, amountMinor: totalMinor };
}
