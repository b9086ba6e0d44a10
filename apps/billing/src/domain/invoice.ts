import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';

export const invoiceStates = ['draft', 'open', 'partially_paid', 'paid', 'void', 'uncollectible'] as const;
export type InvoiceState = (typeof invoiceStates)[number];

export const invoiceEvents = [
  'issue',
  'pay_part',
  'pay_whole',
  'unpay_part',
  'unpay_whole',
  'void',
  'annul',
  'write_off',
  'write_off_part',
  'forgive',
  'restore',
  'restore_part',
] as const;
export type InvoiceEvent = (typeof invoiceEvents)[number];

/**
 * An issued invoice is never edited. `void` is only for one that nothing was allocated to, so it leaves from `open`
 * alone; `annul` is for a credit memo whose reason did not take place. `forgive` is what a tolerance does with a small
 * rest: the invoice counts as paid. `restore` takes a write-off back: to `open` where nothing is paid.
 */
export const invoiceTransitions: Record<InvoiceState, Partial<Record<InvoiceEvent, InvoiceState>>> = {
  draft: { issue: 'open' },
  open: {
    pay_part: 'partially_paid',
    pay_whole: 'paid',
    void: 'void',
    write_off: 'uncollectible',
    write_off_part: 'open',
    restore: 'open',
  },
  partially_paid: {
    pay_part: 'partially_paid',
    pay_whole: 'paid',
    unpay_part: 'partially_paid',
    unpay_whole: 'open',
    write_off: 'uncollectible',
    write_off_part: 'partially_paid',
    forgive: 'paid',
    restore_part: 'partially_paid',
  },
  paid: { unpay_part: 'partially_paid', unpay_whole: 'open', restore_part: 'partially_paid', annul: 'void' },
  void: {},
  // What was paid before the rest was written off may be taken back: that part is owed again.
  uncollectible: {
    void: 'void',
    unpay_part: 'partially_paid',
    unpay_whole: 'open',
    restore: 'open',
    restore_part: 'partially_paid',
  },
};

/** @throws DomainError `invalid_transition` */
export function moveInvoice(state: InvoiceState, event: InvoiceEvent): InvoiceState {
  const next = invoiceTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `An invoice that is ${state} cannot ${event}.`, {
      allowedActions: Object.keys(invoiceTransitions[state]),
    });
  }
  return next;
}

export interface InvoiceItem {
  readonly itemNo: number;
  /** Null for a period of a subscription: it is priced by the subscription, not by a charge. */
  readonly chargeId: string | null;
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly writtenOffMinor: bigint;
}

export const invoiceTypes = [
  'instalment',
  'down_payment',
  'endorsement',
  'fee',
  'final',
  'catch_up',
  'credit_memo',
  'subscription',
] as const;
export type InvoiceType = (typeof invoiceTypes)[number];

export interface Invoice {
  readonly tenantId: string;
  readonly id: string;
  /** Gapless per tenant. */
  readonly number: bigint;
  readonly type: InvoiceType;
  /** Null only for an invoice of a subscription whose policy is not known here. */
  readonly policyLocator: string | null;
  readonly subscriptionId: string | null;
  /** Null for what no schedule has: fees, credit memos, the periods of a subscription. */
  readonly instalmentId: string | null;
  readonly state: InvoiceState;
  readonly currency: string;
  readonly issuedOn: CalendarDate;
  readonly dueOn: CalendarDate;
  readonly originalDueOn: CalendarDate;
  readonly totalMinor: bigint;
  readonly allocatedMinor: bigint;
  readonly balanceMinor: bigint;
  readonly items: readonly InvoiceItem[];
  readonly version: number;
}

export interface ItemPart {
  readonly itemNo: number;
  readonly amountMinor: bigint;
}

type Paid = Pick<Invoice, 'state' | 'allocatedMinor' | 'balanceMinor' | 'items'>;

/** @throws DomainError `invalid_transition` when nothing may be paid on it */
export function payInvoice<T extends Paid>(invoice: T, parts: readonly ItemPart[]): T {
  const part = sumOf(parts);
  const balanceMinor = invoice.balanceMinor - part;
  const state = moveInvoice(invoice.state, balanceMinor === 0n ? 'pay_whole' : 'pay_part');
  const allocatedMinor = invoice.allocatedMinor + part;
  return { ...invoice, state, balanceMinor, allocatedMinor, items: paidParts(invoice.items, parts, 1n) };
}

/** @throws DomainError `invalid_transition` when nothing is paid on it */
export function unpayInvoice<T extends Paid>(invoice: T, parts: readonly ItemPart[]): T {
  const part = sumOf(parts);
  const allocatedMinor = invoice.allocatedMinor - part;
  const state = moveInvoice(invoice.state, allocatedMinor === 0n ? 'unpay_whole' : 'unpay_part');
  const balanceMinor = invoice.balanceMinor + part;
  return { ...invoice, state, balanceMinor, allocatedMinor, items: paidParts(invoice.items, parts, -1n) };
}

/** Why nobody is asked for it any more: a person decided so, or what was missing was within the tolerance. */
export const writeOffCauses = ['manual', 'tolerance'] as const;
export type WriteOffCause = (typeof writeOffCauses)[number];

/** @throws DomainError `invalid_transition` when nothing is owed on it */
export function writeOffInvoice<T extends Paid>(invoice: T, parts: readonly ItemPart[], cause: WriteOffCause): T {
  const balanceMinor = invoice.balanceMinor - sumOf(parts);
  const whole = cause === 'tolerance' ? 'forgive' : 'write_off';
  const state = moveInvoice(invoice.state, balanceMinor === 0n ? whole : 'write_off_part');
  return { ...invoice, state, balanceMinor, items: writtenOffParts(invoice.items, parts, 1n) };
}

/** Takes a write-off back: what it was for is owed again. */
export function restoreInvoice<T extends Paid>(invoice: T, parts: readonly ItemPart[]): T {
  const state = moveInvoice(invoice.state, invoice.allocatedMinor === 0n ? 'restore' : 'restore_part');
  const balanceMinor = invoice.balanceMinor + sumOf(parts);
  return { ...invoice, state, balanceMinor, items: writtenOffParts(invoice.items, parts, -1n) };
}

/** A credit memo that gives nothing back any more. */
export function annulMemo<T extends Invoice>(memo: T): T {
  const items = memo.items.map((item) => ({ ...item, allocatedMinor: 0n }));
  const state = moveInvoice(memo.state, 'annul');
  return { ...memo, state, allocatedMinor: 0n, balanceMinor: memo.totalMinor, items };
}

function writtenOffParts(items: readonly InvoiceItem[], parts: readonly ItemPart[], sign: bigint): InvoiceItem[] {
  return items.map((item) => ({ ...item, writtenOffMinor: item.writtenOffMinor + sign * partOf(item, parts) }));
}

function paidParts(items: readonly InvoiceItem[], parts: readonly ItemPart[], sign: bigint): InvoiceItem[] {
  return items.map((item) => ({ ...item, allocatedMinor: item.allocatedMinor + sign * partOf(item, parts) }));
}

function partOf({ itemNo }: InvoiceItem, parts: readonly ItemPart[]): bigint {
  return parts.find((part) => part.itemNo === itemNo)?.amountMinor ?? 0n;
}

function sumOf(parts: readonly ItemPart[]): bigint {
  return parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** What has to be locked before it changes: its policy, else its subscription. */
export function accountOf({
  policyLocator,
  subscriptionId,
}: Pick<Invoice, 'policyLocator' | 'subscriptionId'>): string {
  const account = policyLocator ?? subscriptionId;
  if (account === null) throw new Error('an invoice belongs to a policy or to a subscription');
  return account;
}

/** What of an item is still owed. */
export function balanceOf({ amountMinor, allocatedMinor, writtenOffMinor }: InvoiceItem): bigint {
  return amountMinor - allocatedMinor - writtenOffMinor;
}

/** Whether money may be allocated to it. */
export function isOpen(state: InvoiceState): boolean {
  return state === 'open' || state === 'partially_paid';
}

/** For people; the id stays the key. */
export function displayIdOf(number: bigint): string {
  return `I-${String(number).padStart(6, '0')}`;
}
