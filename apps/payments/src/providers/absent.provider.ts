import type { ProviderOutcome } from '../domain/outcome.ts';
import type { ProviderNotification } from './notification.ts';
import { NotificationRefused, PaymentProvider } from './provider.ts';
import type { Description } from './provider.ts';

const reason = 'no such provider is configured';

/**
 * Stands where a provider is not, or no longer, configured: offline money still works, every token is unknown, and
 * what was sent to it while it was there stays open.
 */
export class AbsentProvider extends PaymentProvider {
  constructor(readonly name = 'none') {
    super();
  }

  describe(_token: string): Promise<Description> {
    return Promise.resolve({ kind: 'unknown_token' });
  }

  charge(): Promise<ProviderOutcome> {
    return Promise.resolve({ kind: 'never_reached', reason });
  }

  capture(): Promise<ProviderOutcome> {
    return this.charge();
  }

  void(): Promise<ProviderOutcome> {
    return this.charge();
  }

  refund(): Promise<ProviderOutcome> {
    return this.charge();
  }

  lookup(): Promise<ProviderOutcome> {
    return Promise.resolve({ kind: 'unknown', reason });
  }

  notifications(): readonly ProviderNotification[] {
    throw new NotificationRefused(reason);
  }
}
