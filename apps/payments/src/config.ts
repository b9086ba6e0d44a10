import { IsBoolean, IsInt, IsOptional, IsString, IsUrl, Matches, Max, Min, ValidateBy } from 'class-validator';
import { Env, derived } from '@quittance/service-kit/config/env';
import { Secret } from '@quittance/service-kit/config/secret';
import { ServiceConfig } from '@quittance/service-kit/config/service-config';
import { LinkAddresses } from './payment-links/link-addresses.ts';
import { parseRoutes } from './providers/routes.ts';

const isWebhookSecret = (value: unknown) =>
  value instanceof Secret && /^(whsec_|dev-)[\w+/=-]{24,}$/.test(value.reveal());

function isRoutes(value: unknown): boolean {
  try {
    parseRoutes(String(value));
    return true;
  } catch {
    return false;
  }
}

function areLinkKeys(value: unknown): boolean {
  try {
    return value instanceof Secret && new LinkAddresses(value.reveal(), 'https://page').keyId !== '';
  } catch {
    return false;
  }
}
import { isApprovalLimits } from './refunds/approval-limits.ts';

export class PaymentsConfig extends ServiceConfig {
  @Env('PORT', 'Port of the HTTP API; 0 takes a free one.', 8081)
  @IsInt()
  @Min(0)
  @Max(65_535)
  override port: number;

  @Env('ALLOW_TEST_CLOCK', "Follow a tenant's test clock; refused in production.", false)
  @IsBoolean()
  allowTestClock: boolean;

  @Env(
    'PROVIDER_SANDBOX_URL',
    'The sandbox provider. Without a provider only offline money is taken.',
    derived<PaymentsConfig>('http://127.0.0.1:8085 in development, none in production', ({ environment }) =>
      environment === 'development' ? 'http://127.0.0.1:8085' : undefined,
    ),
  )
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  providerSandboxUrl?: string;

  @Env(
    'PROVIDER_SANDBOX_STANDBY_URL',
    'A second sandbox that knows the same tokens: asked when the first is not reached.',
  )
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  providerSandboxStandbyUrl?: string;

  @Env('PROVIDER_SANDBOX_SECRET', "What the sandbox signs its notifications with: 'whsec_' and base64.")
  @IsOptional()
  @ValidateBy({
    name: 'isWebhookSecret',
    validator: { validate: isWebhookSecret, defaultMessage: () => "is not 'whsec_' and base64 of 18 bytes or more" },
  })
  providerSandboxSecret?: Secret;

  @Env('STRIPE_API_KEY', 'The secret key of a Stripe account; without one Stripe is not offered.')
  @IsOptional()
  stripeApiKey?: Secret;

  @Env(
    'STRIPE_PUBLISHABLE_KEY',
    "What Stripe's field on the hosted page shows itself with: 'pk_…'. Without it none is shown.",
  )
  @IsOptional()
  @Matches(/^pk_[A-Za-z0-9_]+$/)
  stripePublishableKey?: string;

  @Env('STRIPE_WEBHOOK_SECRET', "What Stripe signs its notifications with: 'whsec_…'.")
  @IsOptional()
  stripeWebhookSecret?: Secret;

  @Env('STRIPE_RETURN_URL', 'Where a bank sends a customer back to; without one a charge that needs them is declined.')
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  stripeReturnUrl?: string;

  @Env('STRIPE_API_URL', "Where Stripe's API is.", 'https://api.stripe.com')
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  stripeApiUrl: string;

  @Env(
    'PROVIDER_ROUTES',
    'Who takes money, first choice first: a JSON list of { provider, tenants?, currencies?, types? }; empty takes ' +
      'every provider that is configured for everything.',
    '',
  )
  @IsString()
  @ValidateBy({
    name: 'isRoutes',
    validator: {
      validate: isRoutes,
      defaultMessage: () => 'is not a JSON list of { provider, tenants?, currencies?, types? }',
    },
  })
  providerRoutes: string;

  @Env('PROVIDER_BREAKER_FAILURES', 'After so many failures in a row to reach a provider it is left alone.', 5)
  @IsInt()
  @Min(1)
  providerBreakerFailures: number;

  @Env(
    'PROVIDER_BREAKER_RESET_MS',
    'How long a provider that was not reached is left alone.',
    derived<PaymentsConfig>('1000 in development, 10000 in production', ({ environment }) =>
      environment === 'development' ? 1_000 : 10_000,
    ),
  )
  @IsInt()
  @Min(10)
  providerBreakerResetMs: number;

  @Env(
    'PUBLIC_URL',
    'The address that the gateway has outside, for the links that customers pay on.',
    derived<PaymentsConfig>('http://127.0.0.1:8080 in development, none in production', ({ environment }) =>
      environment === 'development' ? 'http://127.0.0.1:8080' : undefined,
    ),
  )
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  publicUrl: string;

  @Env(
    'PAYMENT_LINK_KEYS',
    'What the addresses of payment links are made with, id:secret separated by commas; the first makes new ones.',
    derived<PaymentsConfig>('one of its own in development, none in production', ({ environment }) =>
      environment === 'development' ? new Secret('dev-0:payment-links-of-development') : undefined,
    ),
  )
  @ValidateBy({
    name: 'areLinkKeys',
    validator: { validate: areLinkKeys, defaultMessage: () => 'must be id:secret, 16 characters or more each' },
  })
  paymentLinkKeys: Secret;

  @Env('PAYMENT_LINK_DAYS', 'How long a payment link is good for when its maker does not say.', 30)
  @IsInt()
  @Min(1)
  @Max(3_650)
  paymentLinkDays: number;

  @Env('PAYMENT_LINK_SWEEP_MS', 'How often links that nobody paid in time are said to have expired.', 5_000)
  @IsInt()
  @Min(10)
  paymentLinkSweepMs: number;

  // A charge inside a request must leave time to answer within 10 seconds.
  @Env('PROVIDER_TIMEOUT_MS', 'How long a provider may take to answer before its outcome is unknown.', 8_000)
  @IsInt()
  @Min(50)
  @Max(9_000)
  providerTimeoutMs: number;

  @Env('PROVIDER_CONCURRENCY', 'Charges under way at once in one worker process.', 32)
  @IsInt()
  @Min(1)
  @Max(512)
  providerConcurrency: number;

  @Env(
    'UNKNOWN_RESOLVE_AFTER_MS',
    'When an unknown outcome is first looked up; later looks follow at 12 and 288 times that.',
    derived<PaymentsConfig>('5000 in development, 300000 in production', ({ environment }) =>
      environment === 'development' ? 5_000 : 300_000,
    ),
  )
  @IsInt()
  @Min(10)
  unknownResolveAfterMs: number;

  @Env('PAYMENT_METHOD_EXPIRING_DAYS', 'How many days before its last day a payment method is said to expire soon.', 30)
  @IsInt()
  @Min(1)
  @Max(365)
  paymentMethodExpiringDays: number;

  @Env(
    'ATTEMPT_LEASE_MS',
    'After that a submitted attempt without an outcome is looked up: its process must have died.',
    derived<PaymentsConfig>('PROVIDER_TIMEOUT_MS + 5000', ({ providerTimeoutMs }) => providerTimeoutMs + 5_000),
  )
  @IsInt()
  @Min(100)
  attemptLeaseMs: number;

  @Env('REFUND_APPROVAL_ABOVE', 'Above that a second client approves a refund, by currency: USD:500.00,EUR:450.00.', [])
  @ValidateBy({
    name: 'approvalLimits',
    validator: { validate: isApprovalLimits, defaultMessage: () => 'must be like USD:500.00, each currency once' },
  })
  refundApprovalAbove: string[];

  @Env(
    'REFUND_BY_CHECK_WHEN_METHOD_GONE',
    'Make a refund a cheque by itself when its way back is closed for good.',
    false,
  )
  @IsBoolean()
  refundByCheckWhenMethodGone: boolean;

  @Env('CHECK_STALE_AFTER_DAYS', 'A cheque that nobody has cashed so many days after it was issued is stale.', 180)
  @IsInt()
  @Min(1)
  @Max(3_650)
  checkStaleAfterDays: number;

  @Env('MEDIA_BYTES_MAX', 'The largest file that may be attached to a payment.', 10 * 1024 * 1024)
  @IsInt()
  @Min(1024)
  @Max(64 * 1024 * 1024)
  mediaBytesMax: number;
}
