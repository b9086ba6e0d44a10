import { IsIn, IsInt, IsOptional, IsUrl, Max, Min, ValidateBy } from 'class-validator';
import { Env } from '@quittance/service-kit/config/env';
import { Secret } from '@quittance/service-kit/config/secret';
import { ServiceConfig } from '@quittance/service-kit/config/service-config';
import type { Role } from '@quittance/service-kit/config/service-config';
import { Envelope } from '@quittance/service-kit/secrets/envelope';
import { SecretHasher } from './credentials/secret-hasher.ts';
import type { Service } from './routes.ts';
import type { SkewSeconds } from './signatures/profile.ts';
import { SigningKeys } from './tokens/signing-keys.ts';

const INTERNAL_URL = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

/** A secret that `read` accepts. What it throws names the fault, never the value. */
function IsReadableSecret(read: (text: string) => unknown): PropertyDecorator {
  const faultOf = (value: unknown): string | undefined => {
    if (!(value instanceof Secret)) return 'is required';
    try {
      read(value.reveal());
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const validate = (value: unknown) => faultOf(value) === undefined;
  const defaultMessage = ({ value }: { value?: unknown } = {}) => faultOf(value) ?? '';
  return ValidateBy({ name: 'isReadableSecret', validator: { validate, defaultMessage } });
}

export class GatewayConfig extends ServiceConfig {
  @Env(
    'SIGNING_KEY',
    'Private Ed25519 JWK with a kid, or a JWK Set whose first key signs; the others are only published.',
  )
  @IsReadableSecret((text) => new SigningKeys(text))
  signingKey: Secret;

  @Env('CREDENTIAL_PEPPER', 'Peppers of the client secrets, kid:text separated by commas; the first makes new hashes.')
  @IsReadableSecret((text) => new SecretHasher(text))
  credentialPepper: Secret;

  @Env('API_SECRETS_KEY', "Keys of partners' signing secrets, version:base64 of 32 bytes, by commas; the first seals.")
  @IsReadableSecret((text) => new Envelope(text))
  apiSecretsKey: Secret;

  @Env(
    'SIGNATURE_SKEW_SECONDS',
    'How far the date of a signature may be from ours where it covers the date alone.',
    300,
  )
  @IsInt()
  @Min(1)
  @Max(3_600)
  signatureSkewSeconds: number;

  @Env(
    'STRICT_SIGNATURE_SKEW_SECONDS',
    'The same where it covers path and body; used signatures are kept twice that.',
    60,
  )
  @IsInt()
  @Min(1)
  @Max(3_600)
  strictSignatureSkewSeconds: number;

  @Env('PAYMENTS_URL', 'Where the payments service is.')
  @IsUrl(INTERNAL_URL)
  paymentsUrl: string;

  @Env('BILLING_URL', 'Where the billing service is.')
  @IsUrl(INTERNAL_URL)
  billingUrl: string;

  @Env('RECONCILIATION_URL', 'Where the reconciliation service is.')
  @IsUrl(INTERNAL_URL)
  reconciliationUrl: string;

  @Env('WEBHOOKS_URL', 'Where the webhooks service is.')
  @IsUrl(INTERNAL_URL)
  webhooksUrl: string;

  @Env('PUBLIC_URL', 'The address that clients use, for the merged OpenAPI document.')
  @IsOptional()
  @IsUrl(INTERNAL_URL)
  publicUrl?: string;

  @Env('RATE_LIMIT_PER_SECOND', 'Requests per second and client that this instance lets through for ever.', 2_000)
  @IsInt()
  @Min(1)
  rateLimitPerSecond: number;

  @Env('RATE_LIMIT_BURST', 'Requests that a client may send at once after a pause.', 4_000)
  @IsInt()
  @Min(1)
  rateLimitBurst: number;

  @Env('AUTH_FAILURES_BURST', 'Wrong credentials from one address before it has to wait; one more every second.', 100)
  @IsInt()
  @Min(1)
  authFailuresBurst: number;

  @Env('OPEN_RATE_LIMIT_PER_SECOND', 'Requests per second and address to the pages that ask no credential.', 20)
  @IsInt()
  @Min(1)
  openRateLimitPerSecond: number;

  @Env('OPEN_RATE_LIMIT_BURST', 'Requests to those pages that an address may send at once after a pause.', 200)
  @IsInt()
  @Min(1)
  openRateLimitBurst: number;

  @Env('UPSTREAM_CONNECTIONS_MAX', 'Connections kept to each service, at most.', 128)
  @IsInt()
  @Min(1)
  @Max(10_000)
  upstreamConnectionsMax: number;

  // A little more than the ten seconds in which a charge answers, so that it is the service that says what happened.
  @Env(
    'UPSTREAM_TIMEOUT_MS',
    'How long a service may take to answer, for routes that name no time of their own.',
    12_000,
  )
  @IsInt()
  @Min(100)
  upstreamTimeoutMs: number;

  @Env('ROLE', 'The gateway only serves HTTP.', 'api')
  @IsIn(['api'])
  override role: Role;

  @Env('DATABASE_WORKER_URL', 'Not used by the running gateway; the commands for clients write under this role.')
  @IsOptional()
  override databaseWorkerUrl: Secret;

  @Env('NATS_URL', 'Not used: the gateway neither publishes nor consumes.')
  @IsOptional()
  override natsUrl: Secret;

  @Env('JWKS_URL', 'Not used: the keys are this process.', 'http://127.0.0.1:8080/.well-known/jwks.json')
  override jwksUrl: string;
}

export function skewSeconds(config: GatewayConfig): SkewSeconds {
  return { strict: config.strictSignatureSkewSeconds, 'xcover-compat': config.signatureSkewSeconds };
}

export function upstreams(config: GatewayConfig): Record<Service, string> {
  return {
    payments: config.paymentsUrl,
    billing: config.billingUrl,
    reconciliation: config.reconciliationUrl,
    webhooks: config.webhooksUrl,
  };
}
