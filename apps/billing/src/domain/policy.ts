import type { CalendarDate, Period } from './calendar.ts';
import type { Charge } from './charge.ts';
import type { PlanRequest } from './plan.ts';

export const billingMethods = ['direct', 'agency', 'financed'] as const;
export type BillingMethod = (typeof billingMethods)[number];

/** Who asks for the money: we charge a stored method, the policyholder gets an invoice, or a partner collects. */
export const collections = ['automatic', 'invoice', 'partner'] as const;
export type Collection = (typeof collections)[number];

/** What a policy system says when it issues a policy. */
export interface PolicyTerms {
  readonly policyNumber: string;
  readonly policyholderLocator: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly billingMethod: BillingMethod;
  readonly producerId: string | null;
  readonly financerId: string | null;
  readonly effectiveDate: CalendarDate;
  readonly expirationDate: CalendarDate;
  readonly plan: string;
  /** The day of the month on which the policyholder wants to pay, where the plan leaves the choice. */
  readonly dueDay?: number | null;
  readonly collection: Collection;
  readonly paymentMethodId: string | null;
  readonly charges: readonly Charge[];
}

/** Billing's projection of a policy: what is insured is the policy system's business. */
export interface Policy extends Omit<PolicyTerms, 'charges'> {
  readonly tenantId: string;
  readonly locator: string;
  readonly mortgageeId?: string | null;
  /** One more with every transaction. */
  readonly version: number;
  readonly createdAt: Date;
}

export function termOf(policy: Pick<PolicyTerms, 'effectiveDate' | 'expirationDate'>): Period {
  return { start: policy.effectiveDate, end: policy.expirationDate };
}

/** What a plan is asked to bill; `agreedOn` is the policy-local date of now. */
export function planRequestOf(terms: Omit<PolicyTerms, 'plan'>, agreedOn: CalendarDate): PlanRequest {
  const { currency, jurisdiction, dueDay = null } = terms;
  return { term: termOf(terms), currency, jurisdiction, dueDay, agreedOn };
}

/**
 * The terms as one text in which two issues of a policy are the same exactly when they say the same: defaults are
 * filled in, the order of fields is ours, an amount is its minor units.
 */
export function contentOf(terms: PolicyTerms): string {
  return JSON.stringify([
    terms.policyNumber,
    terms.policyholderLocator,
    terms.currency,
    terms.timeZone,
    terms.jurisdiction,
    terms.line,
    terms.billingMethod,
    terms.producerId,
    terms.financerId,
    terms.effectiveDate,
    terms.expirationDate,
    terms.plan,
    terms.collection,
    terms.paymentMethodId,
    terms.charges.map(({ category, code, amountMinor, handling }) => [category, code, String(amountMinor), handling]),
    // Last, and only where it is said: what was stored before there was a choice is still the same.
    ...((terms.dueDay ?? null) === null ? [] : [terms.dueDay]),
  ]);
}
