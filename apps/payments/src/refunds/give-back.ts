import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Refund } from '../domain/refund.ts';
import { refundKey } from '../domain/refund-outcome.ts';
import type { PaymentProvider } from '../providers/provider.ts';
import type { Providers } from '../providers/providers.ts';

/** Sends a refund to whoever holds the money, under its own key: sending it again has no second effect. */
export function giveBack(providers: Providers, refund: Refund): Promise<ProviderOutcome> {
  return heard(() => send(holderOf(providers, refund), refund));
}

/** What became of a refund; when the provider has never seen it, it is sent now. */
export function resolveRefund(providers: Providers, refund: Refund): Promise<ProviderOutcome> {
  return heard(async () => {
    const { tenantId, businessOn, chargeRef } = refund;
    const provider = holderOf(providers, refund);
    const outcome = await provider.lookup({
      key: refundKey(refund),
      operation: 'refund',
      chargeRef,
      tenantId,
      businessOn,
    });
    return outcome.kind === 'never_seen' ? send(provider, refund) : outcome;
  });
}

// The database does not hold a refund that was sent without the charge that it is of.
const holderOf = (providers: Providers, { provider }: Refund) => providers.byName(provider!);

function send(provider: PaymentProvider, refund: Refund): Promise<ProviderOutcome> {
  const { tenantId, businessOn, chargeRef, amountMinor, currency } = refund;
  return provider.refund({
    key: refundKey(refund),
    tenantId,
    businessOn,
    chargeRef: chargeRef!,
    amountMinor,
    currency,
  });
}

async function heard(ask: () => Promise<ProviderOutcome>): Promise<ProviderOutcome> {
  try {
    return await ask();
  } catch (error) {
    // An adapter that throws broke its promise in the middle of moving money: nobody knows what happened.
    return { kind: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}
