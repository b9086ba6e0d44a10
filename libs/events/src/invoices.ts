import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { AmountLine, Code, Id, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { instalmentId, rowLines, story, usd } from './story.ts';

export const InvoiceType = oneOf(
  'instalment',
  'down_payment',
  'endorsement',
  'fee',
  'final',
  'catch_up',
  'credit_memo',
  'subscription',
);

export const InvoiceData = Type.Object(
  {
    invoiceLocator: Id,
    displayId: Type.String(),
    type: InvoiceType,
    policyLocator: Reference,
    policyholderLocator: Reference,
    /** Absent for what no schedule has: fees, credit memos, the periods of a subscription. */
    instalmentId: Type.Optional(Id),
    subscriptionId: Type.Optional(Id),
    state: oneOf('draft', 'open', 'partially_paid', 'paid', 'void', 'uncollectible'),
    issuedOn: LocalDate,
    dueOn: LocalDate,
    total: WireAmount,
    balance: WireAmount,
    items: Type.Array(AmountLine),
  },
  { title: 'Invoice' },
);
export type InvoiceData = Static<typeof InvoiceData>;

/** About an instalment, billed or not: a reminder that it is to be paid. */
export const UpcomingInvoiceData = Type.Object(
  {
    instalmentId: Id,
    scheduleId: Id,
    number: Type.Integer({ minimum: 1 }),
    /** Absent where it is not billed yet. */
    invoiceLocator: Type.Optional(Id),
    policyLocator: Reference,
    policyholderLocator: Reference,
    collection: oneOf('automatic', 'invoice', 'partner'),
    /** From today to the due date, by the policy's own calendar. */
    daysBefore: Type.Integer({ minimum: 1 }),
    /** What is still to be paid of it. */
    amount: WireAmount,
    dueOn: LocalDate,
  },
  { title: 'UpcomingInvoice' },
);

/**
 * One application of one payment or credit to invoices; its aggregate is the batch, so its first sequence is also its
 * last.
 */
export const AllocationData = Type.Object(
  {
    batchId: Id,
    /** Whose money: a payment's, or a credit's. */
    paymentLocator: Type.Optional(Id),
    creditId: Type.Optional(Id),
    allocations: Type.Array(
      Type.Object({
        invoiceLocator: Id,
        invoiceType: Type.Optional(InvoiceType),
        instalmentId: Type.Optional(Id),
        policyLocator: Reference,
        amount: WireAmount,
        /** Which of the invoice's items it pays; they add up to the amount. */
        items: Type.Optional(Type.Array(Type.Object({ itemNo: Type.Integer({ minimum: 1 }), amount: WireAmount }))),
      }),
    ),
    /**
     * Of what the batch had to spend, the rest that pays nothing: of a payment as it comes in, of the money of one
     * owner that found a debt, of an item of suspense. Of an application by hand, or its undoing, all that is unapplied
     * of the payment after it. 0 in a batch that a withdrawal or an undone invoice makes: `unapplied.changed` tells
     * these.
     */
    unapplied: WireAmount,
    reverses: Type.Optional(Id),
    effectiveDate: LocalDate,
  },
  { title: 'Allocation' },
);
export type AllocationData = Static<typeof AllocationData>;

export const UnappliedData = Type.Object(
  {
    owner: Type.Object({ type: oneOf('policyholder', 'policy'), locator: Reference }),
    paymentLocator: Type.Optional(Id),
    creditId: Type.Optional(Id),
    delta: WireAmount,
    balance: WireAmount,
  },
  { title: 'Unapplied' },
);
export type UnappliedData = Static<typeof UnappliedData>;

export const SuspenseData = Type.Object(
  {
    suspenseId: Id,
    paymentLocator: Id,
    amount: WireAmount,
    reason: Code,
    /** In `suspense.aged`: days since the money was received. */
    ageDays: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { title: 'Suspense' },
);
export type SuspenseData = Static<typeof SuspenseData>;

export const ShortfallData = Type.Object(
  {
    shortfallId: Id,
    paymentLocator: Type.Optional(Id),
    creditId: Type.Optional(Id),
    policyLocator: Type.Optional(Reference),
    policyholderLocator: Type.Optional(Reference),
    amount: WireAmount,
    cause: oneOf('refund', 'return', 'reversal'),
    effectiveDate: LocalDate,
  },
  { title: 'Shortfall' },
);
export type ShortfallData = Static<typeof ShortfallData>;

const issued: InvoiceData = {
  invoiceLocator: story.invoiceLocator,
  displayId: 'I-000001',
  type: 'instalment',
  policyLocator: story.policyLocator,
  policyholderLocator: story.policyholderLocator,
  instalmentId: instalmentId(1),
  state: 'open',
  issuedOn: '2025-01-01',
  dueOn: '2025-01-01',
  total: usd(2567),
  balance: usd(2567),
  items: rowLines([233, 2334]),
};
const allocation: AllocationData = {
  batchId: story.batchId,
  paymentLocator: story.paymentLocator,
  allocations: [
    {
      invoiceLocator: story.invoiceLocator,
      invoiceType: 'instalment',
      instalmentId: instalmentId(1),
      policyLocator: story.policyLocator,
      amount: usd(2567),
      items: [
        { itemNo: 1, amount: usd(233) },
        { itemNo: 2, amount: usd(2334) },
      ],
    },
  ],
  unapplied: usd(0),
  effectiveDate: '2025-01-01',
};

export const invoiceEvents = define('BILLING', 'billing', {
  'invoice.upcoming': event('An instalment is to be paid soon: told once, so many days before.', UpcomingInvoiceData, {
    instalmentId: instalmentId(1),
    scheduleId: story.scheduleId,
    number: 1,
    policyLocator: story.policyLocator,
    policyholderLocator: story.policyholderLocator,
    collection: 'automatic',
    daysBefore: 7,
    amount: usd(2567),
    dueOn: '2025-01-01',
  }),
  'invoice.issued': event('An invoice was issued; its items never change.', InvoiceData, issued),
  'invoice.partially_paid': event('A part of the invoice is paid.', InvoiceData, {
    ...issued,
    state: 'partially_paid',
    balance: usd(1567),
  }),
  'invoice.paid': event('The invoice is paid in full.', InvoiceData, { ...issued, state: 'paid', balance: usd(0) }),
  'invoice.voided': event('The invoice is owed no more: what it was for did not take place.', InvoiceData, {
    ...issued,
    state: 'void',
  }),
  'invoice.reopened': event('An allocation was taken back, so that a balance is owed again.', InvoiceData, {
    ...issued,
    dueOn: '2025-01-06',
  }),
  'invoice.past_due': event(
    'Its due date has passed, and more is owed than is as good as paid: told once of each due date.',
    InvoiceData,
    issued,
  ),
  'allocation.created': event('A payment was applied to invoices; the rest is unapplied.', AllocationData, allocation),
  'allocation.reversed': event('An allocation was undone by a new batch that names it.', AllocationData, {
    ...allocation,
    batchId: story.reversingBatchId,
    reverses: story.batchId,
    effectiveDate: '2025-01-06',
  }),
  'unapplied.changed': event('The money held for a known owner but not applied to an invoice changed.', UnappliedData, {
    owner: { type: 'policyholder', locator: story.policyholderLocator },
    paymentLocator: story.paymentLocator,
    delta: usd(2567),
    balance: usd(2567),
  }),
  'suspense.opened': event('Money arrived whose owner could not be determined.', SuspenseData, {
    suspenseId: story.suspenseId,
    paymentLocator: story.paymentLocator,
    amount: usd(2567),
    reason: 'unknown_policy',
  }),
  'suspense.returned': event(
    'Money left suspense with the payment that brought it, or to be paid out; what is left is a new item.',
    SuspenseData,
    {
      suspenseId: story.suspenseId,
      paymentLocator: story.paymentLocator,
      amount: usd(2567),
      reason: 'unknown_policy',
    },
  ),
  'shortfall.opened': event(
    'More was taken out of a payment than it still held, for it had been paid out: the payer owes the difference.',
    ShortfallData,
    {
      shortfallId: story.shortfallId,
      paymentLocator: story.paymentLocator,
      policyLocator: story.policyLocator,
      policyholderLocator: story.policyholderLocator,
      amount: usd(2000),
      cause: 'return',
      effectiveDate: '2025-01-06',
    },
  ),
});
