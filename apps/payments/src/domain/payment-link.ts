import { DomainError } from './errors.ts';
import type { Payment, PaymentFact } from './payment.ts';

export const linkStatuses = [
  'active',
  'processing',
  'completed',
  'expired',
  'cancelled',
  'refunded',
  'partially_refunded',
] as const;
export type LinkStatus = (typeof linkStatuses)[number];

export const linkEvents = [
  'start',
  'complete',
  'fail',
  'fail_late',
  'expire',
  'cancel',
  'refund_part',
  'refund_whole',
] as const;
export type LinkEvent = (typeof linkEvents)[number];

/**
 * Every allowed move; what is not here is refused. While a payment is under way a link is `processing`: it can be
 * neither paid again nor cancelled, and no sweep expires it, so who paid in time has paid, whenever the answer comes.
 */
export const linkTransitions: Readonly<Record<LinkStatus, Readonly<Partial<Record<LinkEvent, LinkStatus>>>>> = {
  active: { start: 'processing', complete: 'completed', expire: 'expired', cancel: 'cancelled' },
  processing: { complete: 'completed', fail: 'active', fail_late: 'expired' },
  completed: { refund_part: 'partially_refunded', refund_whole: 'refunded' },
  partially_refunded: { refund_part: 'partially_refunded', refund_whole: 'refunded' },
  refunded: {},
  expired: {},
  cancelled: {},
};

export const linkPaymentTypes = ['down_payment', 'late_payment', 'extra_payment', 'installment'] as const;
export const planIntervals = ['monthly', 'quarterly'] as const;

/** What is collected after the down payment: billing makes one subscription of it. */
export interface InstallmentPlan {
  readonly count: number;
  readonly interval: (typeof planIntervals)[number];
  readonly perInstallmentMinor: bigint;
}

export interface PaymentLink {
  readonly tenantId: string;
  readonly id: string;
  /** The sequence of the last fact announced about this link. */
  readonly version: number;
  /** The key that its address is made with. */
  readonly keyId: string;
  readonly status: LinkStatus;
  readonly paymentType: (typeof linkPaymentTypes)[number];
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly policyId: string;
  readonly carrierId: string;
  readonly employerId: string;
  /** Who is asked to pay: for the page and for a mailer, never for an event or a log. */
  readonly customer: { readonly name?: string; readonly email?: string; readonly phone?: string };
  readonly planCount: number | null;
  readonly planInterval: InstallmentPlan['interval'] | null;
  readonly planPerInstallmentMinor: bigint | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** The invoice that it is for: paid elsewhere, the link is closed. */
  readonly invoiceLocator: string | null;
  /** Who gets the money, in the customer's words. */
  readonly payeeName: string | null;
  readonly dueOn: string | null;
  /** The latest payment: under way, kept, or failed. */
  readonly paymentId: string | null;
  /** How many payments were tried: a form that was made before the latest one is a repetition. */
  readonly attempts: number;
  readonly amountRefundedMinor: bigint;
  readonly paymentMethodId: string | null;
  /** Which it started, or of which it pays a period. */
  readonly subscriptionId: string | null;
  readonly subscriptionPeriodId: string | null;
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly viewedAt: Date | null;
  readonly completedAt: Date | null;
}

export type LinkFactType =
  | 'created'
  | 'viewed'
  | 'processing'
  | 'reopened'
  | 'completed'
  | 'expired'
  | 'cancelled'
  | 'refunded'
  | 'partially_refunded';

/** Something that happened, with the link as it was right after it. */
export interface LinkFact {
  readonly type: LinkFactType;
  readonly link: PaymentLink;
}

export interface LinkDecision {
  readonly next: PaymentLink;
  readonly facts: readonly LinkFact[];
}

export type NewLink = Pick<
  PaymentLink,
  | 'tenantId'
  | 'id'
  | 'keyId'
  | 'paymentType'
  | 'amountMinor'
  | 'currency'
  | 'policyId'
  | 'carrierId'
  | 'employerId'
  | 'customer'
  | 'metadata'
  | 'invoiceLocator'
  | 'payeeName'
  | 'dueOn'
  | 'expiresAt'
> & {
  readonly plan: InstallmentPlan | null;
  /** The period of a subscription that it is to pay. */
  readonly period?: { readonly id: string; readonly subscriptionId: string };
};

export function createLink({ plan, period, ...input }: NewLink, now: Date): LinkDecision {
  if (input.amountMinor <= 0n) throw new RangeError('amount must be positive');
  const link: PaymentLink = {
    ...input,
    ...{ version: 0, status: 'active', paymentId: null, attempts: 0, amountRefundedMinor: 0n },
    planCount: plan?.count ?? null,
    planInterval: plan?.interval ?? null,
    planPerInstallmentMinor: plan?.perInstallmentMinor ?? null,
    ...{ subscriptionId: period?.subscriptionId ?? null, subscriptionPeriodId: period?.id ?? null },
    ...{ paymentMethodId: null, viewedAt: null, completedAt: null },
    ...{ createdAt: now, updatedAt: now },
  };
  return announce(link, 'created');
}

/** What follows the payment, if anything does. */
export function planOf(link: PaymentLink): InstallmentPlan | null {
  const { planCount: count, planInterval: interval, planPerInstallmentMinor: perInstallmentMinor } = link;
  return count === null || interval === null || perInstallmentMinor === null
    ? null
    : { count, interval, perInstallmentMinor };
}

/** Whether who pays it agrees that the method is stored: for the payments of its plan, or for the periods to come. */
export function isMethodStored(link: PaymentLink): boolean {
  return planOf(link) !== null || link.subscriptionPeriodId !== null;
}

/** Whether it can be paid at this moment; the sweep that says `expired` may come later. */
export function isPayable({ status, expiresAt }: PaymentLink, now: Date): boolean {
  return status === 'active' && now < expiresAt;
}

/** The first time that its page is opened; null every other time. */
export function viewLink(link: PaymentLink, now: Date): LinkDecision | null {
  if (link.viewedAt !== null) return null;
  return announce({ ...link, viewedAt: now, updatedAt: now }, 'viewed');
}

export function cancelLink(link: PaymentLink, now: Date): LinkDecision {
  return announce(move(link, 'cancel', now), 'cancelled');
}

export function expireLink(link: PaymentLink, now: Date): LinkDecision {
  return announce(move(link, 'expire', now), 'expired');
}

/**
 * A fact about a payment of this link. Null where it changes nothing: above all for money beyond the first success,
 * and for money that comes in after the link was closed. A link takes one payment and never opens again.
 */
export function followPayment(link: PaymentLink, { type, payment }: PaymentFact, now: Date): LinkDecision | null {
  switch (type) {
    case 'processing':
      return start(link, payment, now);
    case 'posted':
      return keeps(link, payment) ? complete(link, payment, now) : null;
    case 'declined':
      return link.status === 'processing' && link.paymentId === payment.id ? fail(link, now) : null;
    default:
      return null;
  }
}

function start(link: PaymentLink, payment: Payment, now: Date): LinkDecision {
  const started = move(link, 'start', now);
  return announce({ ...started, paymentId: payment.id, attempts: link.attempts + 1 }, 'processing');
}

/** The payment under way; or, where none is, one that had failed and turns out to have been charged. */
function keeps({ status, paymentId }: PaymentLink, payment: Payment): boolean {
  return status === 'active' || (status === 'processing' && paymentId === payment.id);
}

function complete(link: PaymentLink, payment: Payment, now: Date): LinkDecision {
  const completed = move(link, 'complete', now);
  const paymentMethodId = isMethodStored(link) ? payment.paymentMethodId : null;
  return announce({ ...completed, paymentId: payment.id, paymentMethodId, completedAt: now }, 'completed');
}

function fail(link: PaymentLink, now: Date): LinkDecision {
  return now < link.expiresAt
    ? announce(move(link, 'fail', now), 'reopened')
    : announce(move(link, 'fail_late', now), 'expired');
}

/** What of its payment was given back by now; null when the link knows it. */
export function followRefund(link: PaymentLink, refundedMinor: bigint, now: Date): LinkDecision | null {
  if (refundedMinor <= link.amountRefundedMinor) return null;
  const isWhole = refundedMinor === link.amountMinor;
  const moved = move(link, isWhole ? 'refund_whole' : 'refund_part', now);
  return announce({ ...moved, amountRefundedMinor: refundedMinor }, isWhole ? 'refunded' : 'partially_refunded');
}

export type LinkAction = 'cancel' | 'refund';

export function allowedLinkActions({ status }: Pick<PaymentLink, 'status'>): LinkAction[] {
  const moves = linkTransitions[status];
  return [...(moves.cancel ? (['cancel'] as const) : []), ...(moves.refund_whole ? (['refund'] as const) : [])];
}

/** Only money that came in goes back; how much of it is left, the payment knows. */
export function assertPaid(link: PaymentLink): void {
  if (link.completedAt === null) throw illegal(link, 'refund');
}

function move(link: PaymentLink, event: LinkEvent, now: Date): PaymentLink {
  const status = linkTransitions[link.status][event];
  if (status === undefined) throw illegal(link, event);
  return { ...link, status, updatedAt: now };
}

function illegal(link: PaymentLink, event: string): DomainError {
  return new DomainError('invalid_transition', `A link that is ${link.status} does not allow ${event}.`, {
    allowedActions: allowedLinkActions(link),
  });
}

function announce(link: PaymentLink, type: LinkFactType): LinkDecision {
  const next = { ...link, version: link.version + 1 };
  return { next, facts: [{ type, link: next }] };
}
