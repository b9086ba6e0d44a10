import { EntitySchema } from 'typeorm';
import { date, instant, money, uuid } from '@quittance/service-kit/database/columns';
import type { CalendarDate } from '../domain/calendar.ts';
import type { CreditSource, MoneyKind } from '../domain/credit.ts';
import type { PaymentReferences, SuspenseReason } from '../domain/receipt.ts';

const text = (name: string) => ({ type: 'text' as const, name });
const integer = (name: string) => ({ type: 'integer' as const, name });
const currency = { type: 'char' as const, length: 3, name: 'currency' };

/** What one payment paid of one item, or what was taken back of it. Never changed, never deleted. */
export interface AllocationRow {
  readonly tenantId: string;
  readonly id: string;
  readonly batchId: string;
  readonly kind: 'apply' | 'unapply';
  readonly reversesBatchId: string | null;
  readonly paymentLocator: string;
  readonly invoiceId: string;
  readonly itemNo: number;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly effectiveDate: CalendarDate;
}

export const AllocationEntity = new EntitySchema<AllocationRow & { recordedAt: Date }>({
  name: 'Allocation',
  tableName: 'allocations',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    batchId: uuid('batch_id'),
    kind: text('kind'),
    reversesBatchId: uuid('reverses_batch_id', { nullable: true }),
    paymentLocator: uuid('payment_locator'),
    invoiceId: uuid('invoice_id'),
    itemNo: integer('item_no'),
    amountMinor: money('amount_minor'),
    currency,
    effectiveDate: date('effective_date'),
    recordedAt: instant('recorded_at', { default: () => 'now()' }),
  },
});

/** Where the money of one payment is, or went: every cent of it is in one of the six parts. */
export interface ReceivedPayment {
  readonly tenantId: string;
  /** Of the payment, or the id of the credit. */
  readonly locator: string;
  readonly kind: MoneyKind;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** `reversed` also where a bank took it back: it pays nothing any more. */
  readonly state: 'posted' | 'reversed';
  readonly allocatedMinor: bigint;
  readonly unappliedMinor: bigint;
  readonly suspendedMinor: bigint;
  readonly refundedMinor: bigint;
  /** Paid out, or set aside for that. */
  readonly disbursedMinor: bigint;
  readonly returnedMinor: bigint;
  readonly effectiveDate: CalendarDate;
  /** Of a credit: the sequence of its last event. 0 for a payment, which is another service's aggregate. */
  readonly version: number;
}

/** What is known of a credit beside its money; all null for a payment. */
export interface CreditColumns {
  readonly creditSource: CreditSource | null;
  readonly policyLocator: string | null;
  readonly transactionId: string | null;
  readonly memoId: string | null;
}

export const ReceivedPaymentEntity = new EntitySchema<ReceivedPayment & CreditColumns & { createdAt: Date }>({
  name: 'ReceivedPayment',
  tableName: 'received_payments',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    locator: uuid('locator', { primary: true }),
    kind: { ...text('kind'), default: 'payment' },
    creditSource: { ...text('credit_source'), nullable: true },
    policyLocator: uuid('policy_locator', { nullable: true }),
    transactionId: uuid('transaction_id', { nullable: true }),
    memoId: uuid('memo_id', { nullable: true }),
    version: { ...integer('version'), default: 0 },
    currency,
    amountMinor: money('amount_minor'),
    state: text('state'),
    allocatedMinor: money('allocated_minor'),
    unappliedMinor: money('unapplied_minor'),
    suspendedMinor: money('suspended_minor'),
    refundedMinor: money('refunded_minor', { default: 0 }),
    disbursedMinor: money('disbursed_minor', { default: 0 }),
    returnedMinor: money('returned_minor', { default: 0 }),
    effectiveDate: date('effective_date'),
    createdAt: instant('created_at', { default: () => 'now()' }),
  },
});

export interface FundOwner {
  readonly tenantId: string;
  readonly ownerType: 'policy' | 'policyholder';
  readonly ownerLocator: string;
  readonly currency: string;
}

export interface UnappliedFund extends FundOwner {
  readonly id: string;
  readonly balanceMinor: bigint;
  readonly version: number;
}

export interface UnappliedEntry {
  readonly tenantId: string;
  readonly fundId: string;
  /** The version of the fund that it made. */
  readonly number: number;
  readonly paymentLocator: string;
  readonly deltaMinor: bigint;
  /** That of the allocation which the money comes from, or goes to. */
  readonly effectiveDate: CalendarDate;
}

type FundDates = Record<'excessCheckedOn' | 'giveBackOn', CalendarDate | null>;

export const UnappliedFundEntity = new EntitySchema<UnappliedFund & FundDates>({
  name: 'UnappliedFund',
  tableName: 'unapplied_funds',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    ownerType: text('owner_type'),
    ownerLocator: text('owner_locator'),
    currency,
    balanceMinor: money('balance_minor'),
    version: integer('version'),
    excessCheckedOn: date('excess_checked_on', { nullable: true }),
    giveBackOn: date('give_back_on', { nullable: true }),
  },
});

export const UnappliedEntryEntity = new EntitySchema<UnappliedEntry & { recordedAt: Date }>({
  name: 'UnappliedEntry',
  tableName: 'unapplied_entries',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    fundId: uuid('fund_id', { primary: true }),
    number: { type: 'integer', name: 'number', primary: true },
    paymentLocator: uuid('payment_locator'),
    deltaMinor: money('delta_minor'),
    effectiveDate: date('effective_date', { nullable: true }),
    recordedAt: instant('recorded_at', { default: () => 'now()' }),
  },
});

export interface SuspenseItem {
  readonly tenantId: string;
  readonly id: string;
  readonly paymentLocator: string;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly reason: SuspenseReason;
  /** What the payment named: the one who looks for its owner starts here. */
  readonly clues: PaymentReferences;
}

type SuspenseRow = SuspenseItem & { state: string; version: number; openedAt: Date; agedOn: CalendarDate | null };

export const SuspenseItemEntity = new EntitySchema<SuspenseRow>({
  name: 'SuspenseItem',
  tableName: 'suspense_items',
  columns: {
    tenantId: uuid('tenant_id', { primary: true }),
    id: uuid('id', { primary: true }),
    paymentLocator: uuid('payment_locator'),
    currency,
    amountMinor: money('amount_minor'),
    reason: text('reason'),
    state: text('state'),
    clues: { type: 'jsonb', name: 'clues' },
    version: integer('version'),
    openedAt: instant('opened_at', { default: () => 'now()' }),
    agedOn: date('aged_on', { nullable: true }),
  },
});
