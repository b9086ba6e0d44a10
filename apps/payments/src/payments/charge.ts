import { attemptKey } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { PaymentProvider } from '../providers/provider.ts';

/** Sends an attempt to its provider under its own key, so that sending it again cannot charge again. */
export async function charge(provider: PaymentProvider, attempt: Attempt): Promise<ProviderOutcome> {
  const { token, amountMinor, currency, sourceId, paymentId } = attempt;
  if (token === null) return { kind: 'never_reached', reason: 'no token' };
  try {
    const subject = sourceId ?? paymentId;
    return await provider.charge({ key: attemptKey(attempt), token, amountMinor, currency, subject });
  } catch (error) {
    // An adapter that throws broke its promise in the middle of moving money: nobody knows what happened.
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What became of an attempt; when the provider has never seen it, it is sent now. */
export async function resolve(provider: PaymentProvider, attempt: Attempt): Promise<ProviderOutcome> {
  try {
    const outcome = await provider.lookup(attemptKey(attempt));
    return outcome.kind === 'never_seen' ? await charge(provider, attempt) : outcome;
  } catch (error) {
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}
