import Stripe from 'stripe';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { noAnswer } from './broken-line.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import { reasonOf, refundReasonOf } from './stripe-declines.ts';

/** Where we write our keys at Stripe, so that what it did can be found by them. */
export const metadataKeys = {
  charge: 'quittance_key',
  capture: 'quittance_capture_key',
  void: 'quittance_void_key',
  refund: 'quittance_key',
} as const;

const cardHoldDays = 7;

export function chargeOutcome(intent: Stripe.PaymentIntent): ProviderOutcome {
  const ref = intent.id;
  switch (intent.status) {
    case 'succeeded':
      return { kind: 'approved', ref, ...fromStripeAmount(intent.amount_received, intent.currency) };
    case 'requires_capture': {
      const amount = fromStripeAmount(intent.amount_capturable, intent.currency);
      return { kind: 'authorised', ref, ...amount, expiresAt: heldUntil(intent) };
    }
    case 'processing':
      return { kind: 'pending', ref };
    case 'requires_action': {
      const url = actionUrl(intent);
      return { kind: 'requires_action', ref, ...(url !== null && { url }) };
    }
    case 'requires_payment_method': {
      const error = intent.last_payment_error;
      // Without an error nobody has tried yet: our confirmation never arrived, or is under way.
      if (!error) return { kind: 'unknown', reason: 'not confirmed' };
      return { kind: 'declined', ref, ...reasonOf(error.decline_code, error.code) };
    }
    case 'canceled':
      return { kind: 'declined', ref, ...reasonOf(intent.cancellation_reason ?? 'canceled') };
    default:
      return { kind: 'unknown', reason: `status ${intent.status}` };
  }
}

function heldUntil(intent: Stripe.PaymentIntent): Date {
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null;
  const before = charge?.payment_method_details?.card?.capture_before;
  return new Date((before ?? intent.created + cardHoldDays * 86_400) * 1_000);
}

function actionUrl({ next_action: next }: Stripe.PaymentIntent): string | null {
  return next?.redirect_to_url?.url ?? next?.verify_with_microdeposits?.hosted_verification_url ?? null;
}

/** What became of a capture: the intent tells by its state and by the key that we left there. */
export function captureOutcome(intent: Stripe.PaymentIntent, key: string): ProviderOutcome | { kind: 'never_seen' } {
  const no = (code: string): ProviderOutcome => ({
    ...{ kind: 'declined', ref: intent.id, code, category: 'hard', recommendedAction: 'new_payment' },
  });
  if (intent.status === 'requires_capture') return { kind: 'never_seen' };
  if (intent.status === 'canceled') return no('authorisation_expired');
  const isOurs = intent.metadata[metadataKeys.capture] === key;
  return isOurs || intent.status !== 'succeeded' ? chargeOutcome(intent) : no('already_captured');
}

/** What became of giving a hold up; a hold that lapsed by itself was not ours to give up any more. */
export function voidOutcome(intent: Stripe.PaymentIntent): ProviderOutcome | { kind: 'never_seen' } {
  const no = (code: string, recommendedAction: string): ProviderOutcome => ({
    ...{ kind: 'declined', ref: intent.id, code, category: 'hard', recommendedAction },
  });
  switch (intent.status) {
    case 'canceled': {
      const isLapsed = ['automatic', 'expired'].includes(intent.cancellation_reason ?? '');
      return isLapsed ? no('authorisation_expired', 'new_payment') : { kind: 'voided', ref: intent.id };
    }
    case 'succeeded':
      return no('already_captured', 'refund');
    case 'requires_capture':
      return { kind: 'never_seen' };
    default:
      return { kind: 'unknown', reason: `status ${intent.status}` };
  }
}

export function refundOutcome(refund: Stripe.Refund): ProviderOutcome {
  const ref = refund.id;
  switch (refund.status) {
    case 'succeeded':
      return { kind: 'approved', ref, ...fromStripeAmount(refund.amount, refund.currency) };
    case 'pending':
    case 'requires_action':
      return { kind: 'pending', ref };
    case 'failed':
    case 'canceled':
      return { kind: 'declined', ref, ...refundReasonOf(refund.failure_reason ?? refund.status) };
    default:
      return { kind: 'unknown', reason: `refund status ${String(refund.status)}` };
  }
}

/** What an exception of Stripe's client says about the money. Its texts are not ours to repeat. */
export function errorOutcome(error: unknown): ProviderOutcome {
  if (error instanceof Stripe.errors.StripeConnectionError) return noAnswer(causeOf(error));
  if (!(error instanceof Stripe.errors.StripeError)) return noAnswer(error);
  const { code, decline_code: declineCode, payment_intent: intent, statusCode } = error;
  if (error instanceof Stripe.errors.StripeCardError) {
    return { kind: 'declined', ref: intent?.id ?? null, ...reasonOf(declineCode, code) };
  }
  // Refused at the door: Stripe does none of these.
  const refusals = [
    ...[Stripe.errors.StripeRateLimitError, Stripe.errors.StripeAuthenticationError],
    ...[Stripe.errors.StripePermissionError],
  ];
  if (refusals.some((type) => error instanceof type)) return { kind: 'never_reached', reason: `refused ${statusCode}` };
  // 409: another request under this key is under way, or this key was used for something else.
  if (error instanceof Stripe.errors.StripeInvalidRequestError && statusCode !== 409) {
    const why = { code: code ?? 'invalid_request', category: 'hard', recommendedAction: 'contact_support' } as const;
    return { kind: 'declined', ref: intent?.id ?? null, ...why };
  }
  return { kind: 'unknown', reason: `answered ${statusCode ?? error.type}` };
}

function causeOf({ detail }: Stripe.errors.StripeConnectionError): unknown {
  if (typeof detail !== 'object') return { name: 'TimeoutError' };
  // Node tries every address of a name, and says what each of them answered.
  return detail instanceof AggregateError ? (detail.errors as unknown[])[0] : detail;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing';
}
