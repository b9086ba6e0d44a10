import type Stripe from 'stripe';
import type { ProviderNotification } from './notification.ts';
import { disputeNews, returnNews } from './stripe-disputes.ts';
import { instrumentFrom } from './stripe-instruments.ts';
import type { News } from './stripe-news.ts';
import { captureOutcome, chargeOutcome, metadataKeys, refundOutcome, voidOutcome } from './stripe-outcomes.ts';

/** What an event of Stripe says to us: nothing where it is about what we never asked for. */
export function notificationsFrom(event: Stripe.Event): readonly ProviderNotification[] {
  const occurredAt = new Date(event.created * 1_000);
  const news = newsOf(event, occurredAt);
  return news === null ? [] : [{ ...news, provider: 'stripe', id: event.id, occurredAt }];
}

function newsOf(event: Stripe.Event, at: Date): News | null {
  switch (event.type) {
    case 'payment_intent.succeeded':
    case 'payment_intent.processing':
    case 'payment_intent.payment_failed':
    case 'payment_intent.requires_action':
    case 'payment_intent.amount_capturable_updated':
    case 'payment_intent.canceled':
      return intentNews(event.data.object);
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return refundNews(event.data.object);
    case 'charge.dispute.created':
      return returnNews(event.data.object, at) ?? disputeNews(event.data.object, at);
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
      // A return was said when it came: no word on it can change that.
      return returnNews(event.data.object, at) ? null : disputeNews(event.data.object, at);
    case 'payment_method.automatically_updated':
      return methodNews(event.data.object, 'updated');
    case 'payment_method.detached':
      return methodNews(event.data.object, 'revoked');
    case 'mandate.updated':
      return mandateNews(event.data.object);
    default:
      return null;
  }
}

/** An intent is charged, captured and given up under keys of their own: its state says which of them this is about. */
function intentNews(intent: Stripe.PaymentIntent): News | null {
  const { [metadataKeys.capture]: captured, [metadataKeys.void]: voided } = intent.metadata;
  const said = (
    operation: 'charge' | 'capture' | 'void',
    key: string | undefined,
    outcome: ReturnType<typeof voidOutcome>,
  ) =>
    key === undefined || outcome.kind === 'never_seen' ? null : ({ kind: 'outcome', operation, key, outcome } as const);
  const isHold = intent.capture_method === 'manual';
  if (isHold && intent.status === 'succeeded') return said('capture', captured, captureOutcome(intent, captured ?? ''));
  // A hold that lapses is no news: we knew until when it would last.
  if (isHold && intent.status === 'canceled') return said('void', voided, voidOutcome(intent));
  return said('charge', intent.metadata[metadataKeys.charge], chargeOutcome(intent));
}

function refundNews(refund: Stripe.Refund): News | null {
  const key = refund.metadata?.[metadataKeys.refund];
  if (key === undefined) return null;
  return { kind: 'outcome', operation: 'refund', key, outcome: refundOutcome(refund) };
}

function methodNews(method: Stripe.PaymentMethod, change: 'updated' | 'revoked'): News {
  const instrument = change === 'updated' ? instrumentFrom(method, null) : null;
  return { kind: 'method', token: method.id, change, instrument, reason: change === 'revoked' ? 'detached' : null };
}

function mandateNews({ status, payment_method: method }: Stripe.Mandate): News | null {
  if (status !== 'inactive') return null;
  const token = typeof method === 'string' ? method : method.id;
  return { kind: 'method', token, change: 'revoked', instrument: null, reason: 'mandate_revoked' };
}
