import { attemptKey } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { PaymentProvider } from '../providers/provider.ts';
import type { Providers } from '../providers/providers.ts';

/** Sends an attempt to its provider under its own key, so that sending it again has no second effect. */
export async function charge(providers: Providers, attempt: Attempt): Promise<ProviderOutcome> {
  try {
    return await send(providers.byName(attempt.provider), attempt);
  } catch (error) {
    // An adapter that throws broke its promise in the middle of moving money: nobody knows what happened.
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * An attempt that has just been begun is sent; one that somebody may have sent is asked about first; one that has been
 * answered meanwhile is left alone.
 */
export async function pursue(providers: Providers, attempt: Attempt): Promise<ProviderOutcome | null> {
  if (attempt.state !== 'submitted') return null;
  return attempt.checks === 0 ? charge(providers, attempt) : resolve(providers, attempt);
}

function send(provider: PaymentProvider, attempt: Attempt): Promise<ProviderOutcome> {
  const { operation, token, chargeRef, tenantId, businessOn, amountMinor, currency } = attempt;
  const asked = { key: attemptKey(attempt), tenantId, businessOn, amountMinor, currency };
  if (operation === 'capture' || operation === 'void') {
    // The database does not hold a follow-up without the charge that it follows.
    return provider[operation]({ ...asked, chargeRef: chargeRef! });
  }
  if (token === null) return Promise.resolve({ kind: 'never_reached', reason: 'no token' });
  const subject = attempt.sourceId ?? attempt.paymentId;
  return provider.charge({ ...asked, token, subject, capture: operation === 'charge' });
}

/** What became of an attempt; when the provider has never seen it, it is sent now. */
export async function resolve(providers: Providers, attempt: Attempt): Promise<ProviderOutcome> {
  const { tenantId, businessOn } = attempt;
  const operation = attempt.operation === 'authorise' ? 'charge' : attempt.operation;
  try {
    const outcome = await providers
      .byName(attempt.provider)
      .lookup({ key: attemptKey(attempt), operation, chargeRef: attempt.chargeRef, tenantId, businessOn });
    return outcome.kind === 'never_seen' ? await charge(providers, attempt) : outcome;
  } catch (error) {
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}
