import type { LinkStatus, NewLink, PaymentLink } from '../domain/payment-link.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Of a link whose maker says nothing about it. */
export function expiryOf(now: Date, { paymentLinkDays }: { readonly paymentLinkDays: number }): Date {
  return new Date(now.getTime() + paymentLinkDays * dayMs);
}

export type LinkKey = Pick<PaymentLink, 'tenantId' | 'id'>;

/** What a caller says about a link. */
export type LinkInput = Omit<NewLink, 'tenantId' | 'id' | 'keyId' | 'expiresAt'> & {
  /** Null is as long as the configuration says. */
  readonly expiresAt: Date | null;
};

export interface LinkFilter {
  readonly carrierId?: string;
  readonly employerId?: string;
  readonly policyId?: string;
  readonly status?: LinkStatus;
}
