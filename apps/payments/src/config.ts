import { IsBoolean, IsInt, IsOptional, IsUrl, Max, Min } from 'class-validator';
import { Env, derived } from '@quittance/service-kit/config/env';
import { ServiceConfig } from '@quittance/service-kit/config/service-config';

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

  @Env(
    'ATTEMPT_LEASE_MS',
    'After that a submitted attempt without an outcome is looked up: its process must have died.',
    derived<PaymentsConfig>('PROVIDER_TIMEOUT_MS + 5000', ({ providerTimeoutMs }) => providerTimeoutMs + 5_000),
  )
  @IsInt()
  @Min(100)
  attemptLeaseMs: number;
}
