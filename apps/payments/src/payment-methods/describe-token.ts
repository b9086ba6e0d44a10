import { DomainError, fieldError } from '../domain/errors.ts';
import type { Instrument } from '../domain/payment-method.ts';
import { ProviderUnavailable } from '../providers/provider.ts';
import type { Providers } from '../providers/providers.ts';
import type { Need } from '../providers/routes.ts';

/** Asks the providers what a token stands for. Never inside a transaction: it is a call over a network. */
export async function describeToken(
  providers: Providers,
  token: string,
  need: Need,
): Promise<{ provider: string; instrument: Instrument }> {
  const { provider, description } = await providers.describe(token, need).catch((error: unknown) => {
    if (!(error instanceof ProviderUnavailable)) throw error;
    throw new DomainError('provider_unavailable', 'The payment provider does not answer, try again.', { cause: error });
  });
  switch (description.kind) {
    case 'instrument':
      return { provider, instrument: description.instrument };
    case 'not_available':
      throw fieldError('unknown_token', '/token', description.detail);
    case 'unknown_token':
      throw fieldError('unknown_token', '/token', 'the provider does not know this token');
  }
}
