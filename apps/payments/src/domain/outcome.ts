/** Why a provider said no. `soft` may work another day, `hard` never will, `needs_customer` waits for a person. */
export type FailureCategory = 'soft' | 'hard' | 'needs_customer';

export interface Failure {
  readonly code: string;
  readonly category: FailureCategory;
  readonly retryable: boolean;
  readonly recommendedAction: string;
}

/**
 * What is known after talking to a provider. A "no" is data, not an exception, and so is not knowing:
 * `unknown` may have moved money, `never_reached` certainly has not.
 */
export type ProviderOutcome =
  | { readonly kind: 'approved'; readonly ref: string; readonly amountMinor: bigint; readonly currency: string }
  | {
      readonly kind: 'authorised';
      readonly ref: string;
      readonly amountMinor: bigint;
      readonly currency: string;
      readonly expiresAt: Date | null;
    }
  | { readonly kind: 'voided'; readonly ref: string }
  | {
      readonly kind: 'declined';
      readonly ref: string | null;
      readonly code: string;
      readonly category: FailureCategory;
      readonly recommendedAction: string;
    }
  | { readonly kind: 'pending'; readonly ref: string }
  /** Where the customer goes on, if the provider names a page; it is shown to the customer and to nobody else. */
  | { readonly kind: 'requires_action'; readonly ref: string; readonly url?: string; readonly expiresAt?: Date }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'never_reached'; readonly reason: string };
