import type { PaymentsConfig } from '../config.ts';
import { GuardedProvider } from './guarded.provider.ts';
import type { PaymentProvider } from './provider.ts';
import { Providers } from './providers.ts';
import { parseRoutes } from './routes.ts';
import { SandboxProvider } from './sandbox.provider.ts';
import { StripeProvider } from './stripe.provider.ts';

const standby = 'sandbox_standby';

/** The providers that the configuration names, each behind its own breaker. */
export function providersOf(config: PaymentsConfig): Providers {
  const breaker = { failures: config.providerBreakerFailures, resetMs: config.providerBreakerResetMs };
  const { providerSandboxUrl, providerSandboxStandbyUrl } = config;
  const adapters = [
    sandbox(config, 'sandbox', providerSandboxUrl),
    stripe(config),
    sandbox(config, standby, providerSandboxStandbyUrl),
  ];
  const guarded = adapters.filter((each) => each !== null).map((each) => new GuardedProvider(each, breaker));
  return new Providers(guarded, parseRoutes(config.providerRoutes), { sandbox: standby });
}

function sandbox(config: PaymentsConfig, name: string, url: string | undefined): PaymentProvider | null {
  if (url === undefined) return null;
  const secret = config.providerSandboxSecret?.reveal();
  const timeoutMs = config.providerTimeoutMs;
  return new SandboxProvider({ url, timeoutMs, name, ...(secret !== undefined && { secret }) });
}

function stripe(config: PaymentsConfig): PaymentProvider | null {
  if (config.stripeApiKey === undefined) return null;
  return new StripeProvider({
    ...{ apiKey: config.stripeApiKey.reveal(), webhookSecret: config.stripeWebhookSecret?.reveal() },
    ...{ url: config.stripeApiUrl, returnUrl: config.stripeReturnUrl, timeoutMs: config.providerTimeoutMs },
  });
}
