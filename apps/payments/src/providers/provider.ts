import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Instrument } from '../domain/payment-method.ts';
import type { ProviderNotification } from './notification.ts';

/** For whom and when: the tenant is the account a provider's test clock belongs to, the date is null on real time. */
export interface OnBehalf {
  readonly tenantId: string;
  readonly businessOn: string | null;
}

export interface ChargeRequest extends OnBehalf {
  /** Our attempt key. The provider makes at most one charge of it, however often it is sent. */
  readonly key: string;
  readonly token: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** What the money is for: the instalment or subscription period, or the payment itself. */
  readonly subject: string;
  /** False only holds the amount: the outcome is `authorised`, and capture or void follows. */
  readonly capture: boolean;
}

/** Capture, void and refund: what is done to an earlier charge, under a key of its own. */
export interface FollowUpRequest extends OnBehalf {
  readonly key: string;
  /** The provider's name of the charge. */
  readonly chargeRef: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

export const operations = ['charge', 'capture', 'void', 'refund'] as const;
export type Operation = (typeof operations)[number];

export interface LookupQuestion extends OnBehalf {
  readonly key: string;
  readonly operation: Operation;
  /** The charge that a capture, void or refund is of; null for a charge itself. */
  readonly chargeRef: string | null;
}

export type Description =
  | { readonly kind: 'instrument'; readonly instrument: Instrument }
  | { readonly kind: 'unknown_token' }
  | { readonly kind: 'not_available'; readonly detail: string };

/** The provider could not be asked; nothing happened, the caller may try again. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
}

/** A notification that this provider did not sign. */
export class NotificationRefused extends Error {
  override readonly name = 'NotificationRefused';
}

/** A request to us, as it came: what a signature covers is the bytes. */
export interface NotificationRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * The one port of this service. An adapter has its own deadlines and never throws for what a provider says: a "no",
 * silence and a broken line are outcomes. Every adapter passes `provider.contract.ts`.
 */
export abstract class PaymentProvider {
  abstract readonly name: string;

  /** False while it is left alone because it was not reached. */
  get isAvailable(): boolean {
    return true;
  }

  /** @throws ProviderUnavailable */
  abstract describe(token: string): Promise<Description>;

  abstract charge(request: ChargeRequest): Promise<ProviderOutcome>;

  /** `approved` with the captured amount; `declined` when the authorisation is gone. */
  abstract capture(request: FollowUpRequest): Promise<ProviderOutcome>;

  /** `voided`; `declined` when it was captured or gone already. */
  abstract void(request: FollowUpRequest): Promise<ProviderOutcome>;

  /** `approved` when given back, `pending` while the bank takes days, `declined` when it cannot be. */
  abstract refund(request: FollowUpRequest): Promise<ProviderOutcome>;

  /** What became of a key; `never_seen` only when the provider itself says so, then sending it again is safe. */
  abstract lookup(question: LookupQuestion): Promise<ProviderOutcome | { readonly kind: 'never_seen' }>;

  /**
   * What a notification says, once its signature is good; empty for what does not concern us.
   * @throws NotificationRefused
   */
  abstract notifications(request: NotificationRequest): readonly ProviderNotification[];

  /** Where the provider has test clocks: what happened on this account up to the end of that day, each thing once. */
  reachDay(_day: { readonly tenantId: string; readonly businessOn: string }): Promise<readonly ProviderNotification[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
