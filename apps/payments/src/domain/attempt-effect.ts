import type { Attempt, AttemptDecision } from './attempt.ts';
import { dateOf } from './calendar.ts';
import { authorise, capture, failAttempt, giveUpAuthorisation, requireAction, succeed } from './payment.ts';
import type { Decision, Payment } from './payment.ts';

/** What an attempt's outcome does to its payment; null where it does nothing. */
export function effectOn(payment: Payment, { next, effect }: AttemptDecision, now: Date): Decision | null {
  const { provider, providerRef } = next;
  const effectiveOn = next.businessOn ?? dateOf(now);
  switch (effect) {
    case 'charged':
      return succeed(payment, { provider, providerRef, effectiveOn }, now);
    case 'authorised':
      return authorise(payment, { provider, providerRef, expiresAt: next.expiresAt }, now);
    case 'captured':
      return capture(payment, effectiveOn, now);
    case 'voided':
      return giveUpAuthorisation(payment, 'void', now);
    case 'failed':
      return failed(payment, next, now);
    case 'action_required':
      return requireAction(payment, next.expiresAt, now);
    case 'none':
      return null;
  }
}

/** A capture that is refused for good ends the authorisation; any other refused follow-up leaves it as it is. */
function failed(payment: Payment, { operation, failure }: Attempt, now: Date): Decision | null {
  // An attempt in state failed always has its reason.
  if (!failure) return null;
  if (operation === 'charge' || operation === 'authorise') return failAttempt(payment, failure, now);
  return operation === 'capture' && failure.category === 'hard' ? giveUpAuthorisation(payment, 'expire', now) : null;
}
