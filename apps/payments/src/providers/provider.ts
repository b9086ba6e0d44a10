import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Instrument } from '../domain/payment-method.ts';

export interface ChargeRequest {
  /** Our attempt key. The provider makes at most one charge of it, however often it is sent. */
  readonly key: string;
  readonly token: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** What the money is for: the instalment or subscription period, or the payment itself. */
  readonly subject: string;
}

export type Description =
  | { readonly kind: 'instrument'; readonly instrument: Instrument }
  | { readonly kind: 'unknown_token' }
  | { readonly kind: 'not_available'; readonly detail: string };

/** The provider could not be asked; nothing happened, the caller may try again. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
}

/**
 * The one port of this service. An adapter has its own deadlines and never throws for what a provider says: a "no",
 * silence and a broken line are outcomes. Every adapter passes `provider.contract.ts`.
 */
export abstract class PaymentProvider {
  abstract readonly name: string;

  /** @throws ProviderUnavailable */
  abstract describe(token: string): Promise<Description>;

  abstract charge(request: ChargeRequest): Promise<ProviderOutcome>;

  /** What became of a key; `never_seen` only when the provider itself says so, then sending it again is safe. */
  abstract lookup(key: string): Promise<ProviderOutcome | { readonly kind: 'never_seen' }>;

  close(): Promise<void> {
    return Promise.resolve();
  }
}
