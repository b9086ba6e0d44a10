import type { OpenInvoice } from './allocation.ts';
import type { CalendarDate } from './calendar.ts';

/** Why money that came in could not be given to anyone: kept apart until somebody finds out whose it is. */
export type SuspenseReason =
  | 'unknown_instalment'
  | 'unknown_invoice'
  | 'unknown_statement'
  | 'unknown_policy'
  | 'unknown_policyholder'
  | 'no_reference'
  | 'currency_mismatch'
  /** Nobody asked for it, whatever it names: a late success of a payment that was declined, say. */
  | 'unexpected'
  /** A refund came back, and no policy here is known to be its owner. */
  | 'refund_voided';

/** What a payment names, from the most to the least specific. */
export interface PaymentReferences {
  readonly instalmentId?: string | undefined;
  readonly invoiceLocator?: string | undefined;
  readonly statementLocator?: string | undefined;
  readonly policyLocator?: string | undefined;
  readonly policyholderLocator?: string | undefined;
}

/** What these references are here. Absent: there is no such thing in this tenant. */
export interface KnownReferences {
  readonly policy?: { readonly locator: string; readonly currency: string };
  /** Set where the payment names an invoice of it, and its policy is not known here. */
  readonly subscription?: { readonly id: string; readonly currency: string; readonly policyholderLocator: string };
  /** Set where the payment names one invoice, or the instalment it bills. */
  readonly invoiceId?: string;
  readonly statement?: KnownStatement;
  readonly policyholderIsKnown: boolean;
  /** Of the statement's policyholder, or the one that is named, in the currency of the payment. */
  readonly policyLocators: readonly string[];
}

export interface KnownStatement {
  readonly locator: string;
  readonly policyholderLocator: string;
  readonly currency: string;
  /** What was issued before this date is on it, or on one before it. */
  readonly issuedBefore: CalendarDate;
}

export type Destination =
  | { readonly kind: 'invoice'; readonly policyLocator: string; readonly invoiceId: string }
  | {
      readonly kind: 'subscription';
      readonly subscriptionId: string;
      readonly invoiceId: string;
      readonly policyholderLocator: string;
    }
  | { readonly kind: 'policy'; readonly policyLocator: string }
  | { readonly kind: 'policyholder'; readonly policyholderLocator: string; readonly policyLocators: readonly string[] }
  | {
      readonly kind: 'statement';
      readonly statementLocator: string;
      readonly issuedBefore: CalendarDate;
      readonly policyholderLocator: string;
      readonly policyLocators: readonly string[];
    }
  | { readonly kind: 'suspense'; readonly reason: SuspenseReason };

/** The most specific reference decides: money is never moved to something else because what was named is not there. */
export function destinationOf(named: PaymentReferences, known: KnownReferences, currency: string): Destination {
  const { policy, subscription, invoiceId } = known;
  const owner = policy ?? subscription;
  if (owner && owner.currency !== currency) return { kind: 'suspense', reason: 'currency_mismatch' };
  if (named.instalmentId ?? named.invoiceLocator) {
    if (policy && invoiceId) return { kind: 'invoice', policyLocator: policy.locator, invoiceId };
    if (subscription && invoiceId) {
      const { id: subscriptionId, policyholderLocator } = subscription;
      return { kind: 'subscription', subscriptionId, invoiceId, policyholderLocator };
    }
    return { kind: 'suspense', reason: named.instalmentId ? 'unknown_instalment' : 'unknown_invoice' };
  }
  if (named.statementLocator) return toStatement(known, currency);
  if (named.policyLocator) {
    return policy ? { kind: 'policy', policyLocator: policy.locator } : { kind: 'suspense', reason: 'unknown_policy' };
  }
  if (!named.policyholderLocator) return { kind: 'suspense', reason: 'no_reference' };
  return known.policyholderIsKnown
    ? { kind: 'policyholder', policyholderLocator: named.policyholderLocator, policyLocators: known.policyLocators }
    : { kind: 'suspense', reason: 'unknown_policyholder' };
}

function toStatement({ statement, policyLocators }: KnownReferences, currency: string): Destination {
  if (!statement) return { kind: 'suspense', reason: 'unknown_statement' };
  if (statement.currency !== currency) return { kind: 'suspense', reason: 'currency_mismatch' };
  const { locator: statementLocator, policyholderLocator, issuedBefore } = statement;
  return { kind: 'statement', statementLocator, issuedBefore, policyholderLocator, policyLocators };
}

/** What debts are owed on: a policy, or a subscription whose policy is not known here. */
export interface DebtAccount {
  readonly locator: string;
  readonly isSubscription?: boolean;
}

/** The accounts whose debts the money may pay. */
export function accountsOf(destination: Destination): readonly DebtAccount[] {
  if ('policyLocators' in destination) return destination.policyLocators.map((locator) => ({ locator }));
  if ('subscriptionId' in destination) return [{ locator: destination.subscriptionId, isSubscription: true }];
  return 'policyLocator' in destination ? [{ locator: destination.policyLocator }] : [];
}

/** Whether it may pay this one of their invoices. */
export function isMeant(invoice: Pick<OpenInvoice, 'id' | 'issuedOn'>, destination: Destination): boolean {
  if ('invoiceId' in destination) return invoice.id === destination.invoiceId;
  return destination.kind !== 'statement' || invoice.issuedOn < destination.issuedBefore;
}

/** Who owns what of it pays nothing; null where nobody is known. */
export function ownerOf(
  destination: Destination,
): { ownerType: 'policy' | 'policyholder'; ownerLocator: string } | null {
  if (destination.kind === 'suspense') return null;
  return 'policyholderLocator' in destination
    ? { ownerType: 'policyholder', ownerLocator: destination.policyholderLocator }
    : { ownerType: 'policy', ownerLocator: destination.policyLocator };
}
