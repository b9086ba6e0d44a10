import type { PaymentsConfig } from '../config.ts';
import { GuardedProvider } from './guarded.provider.ts';
import type { PaymentProvider } from './provider.ts';
import { Providers } from './providers.ts';
import { parseRoutes } from './routes.ts';
import { SandboxProvider } from './sandbox.provider.ts';

/** The providers that the configuration names, each behind its own breaker. */
export function providersOf(config: PaymentsConfig): Providers {
  const breaker = { failures: config.providerBreakerFailures, resetMs: config.providerBreakerResetMs };
  const guarded = sandboxOf(config).map((provider) => new GuardedProvider(provider, breaker));
  return new Providers(guarded, parseRoutes(config.providerRoutes));
}

function sandboxOf({ providerSandboxUrl: url, providerSandboxSecret, providerTimeoutMs }: PaymentsConfig) {
  if (url === undefined) return [];
  const secret = providerSandboxSecret?.reveal();
  const options = { url, timeoutMs: providerTimeoutMs, ...(secret !== undefined && { secret }) };
  return [new SandboxProvider(options)] satisfies PaymentProvider[];
}
