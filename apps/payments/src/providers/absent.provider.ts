import type { ProviderOutcome } from '../domain/outcome.ts';
import { PaymentProvider } from './provider.ts';
import type { Description } from './provider.ts';

/** Stands where no provider is configured: offline money still works, every token is unknown. */
export class AbsentProvider extends PaymentProvider {
  readonly name = 'none';

  describe(): Promise<Description> {
    return Promise.resolve({ kind: 'unknown_token' });
  }

  charge(): Promise<ProviderOutcome> {
    return Promise.resolve({ kind: 'never_reached', reason: 'no provider is configured' });
  }

  lookup(): Promise<ProviderOutcome> {
    return Promise.resolve({ kind: 'unknown', reason: 'no provider is configured' });
  }
}
