import { Env } from '@quittance/service-kit/config/env';
import { Secret } from '@quittance/service-kit/config/secret';
import { IsSecretUrl, ServiceConfig } from '@quittance/service-kit/config/service-config';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsBoolean,
  IsInt,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { isIP } from 'node:net';
import { defaultSchedule } from './domain/retry.ts';

function Each(name: string, message: string, fits: (item: string) => boolean): PropertyDecorator {
  const validate = (value: unknown) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string' && fits(item));
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } });
}

const isKey = (value: unknown) => value instanceof Secret && secretKeyBytes(value).length === 32;

/** A development key is marked by `dev-` in front of the base64, so that production can refuse it. */
export function secretKeyBytes(key: Secret): Buffer {
  return Buffer.from(key.reveal().replace(/^dev-/, ''), 'base64');
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

export class WebhooksConfig extends ServiceConfig {
  @Env('PORT', 'Port of the HTTP API; 0 takes a free one.', 8084)
  @IsInt()
  @Min(0)
  @Max(65_535)
  override port: number;

  @Env('SECRETS_KEY', "32 bytes in base64: encrypts the endpoints' signing secrets.")
  @ValidateBy({ name: 'isKey', validator: { validate: isKey, defaultMessage: () => 'must be 32 bytes in base64' } })
  secretsKey: Secret;

  @Env('WEBHOOK_ALLOW_HTTP', 'Endpoints may be plain http. Refused in production.', false)
  @IsBoolean()
  webhookAllowHttp: boolean;

  @Env('WEBHOOK_ALLOWED_CIDRS', 'Special-purpose ranges that endpoints may be in. Refused in production.', [])
  @Each('isCidr', 'must be CIDR ranges', isCidr)
  webhookAllowedCidrs: string[];

  @Env('WEBHOOK_RETRY_SCHEDULE_MS', 'Wait before each attempt in milliseconds; its length is the number of attempts.', [
    ...defaultSchedule.map(String),
  ])
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @Each('isWait', 'must be whole numbers of milliseconds', (item) => /^\d{1,10}$/.test(item))
  webhookRetryScheduleMs: string[];

  @Env('WEBHOOK_TIMEOUT_MS', 'One deadline over a whole request, where an endpoint names no time of its own.', 15_000)
  @IsInt()
  @Min(50)
  @Max(30_000)
  webhookTimeoutMs: number;

  @Env('WEBHOOK_CONCURRENCY', 'Requests under way in this process, at most.', 256)
  @IsInt()
  @Min(1)
  @Max(4_096)
  webhookConcurrency: number;

  @Env('WEBHOOK_ENDPOINT_CONCURRENCY', 'Requests under way to one endpoint, at most, whatever it is set to.', 256)
  @IsInt()
  @Min(1)
  @Max(512)
  webhookEndpointConcurrency: number;

  @Env('WEBHOOK_PROXY_URL', 'http://user:password@host:port of a forward proxy that every webhook goes through.')
  @IsOptional()
  @IsSecretUrl('http')
  webhookProxyUrl?: Secret;

  @Env('WEBHOOK_REQUIRE_VERIFIED', 'An endpoint gets events only after its receiver has consented.', false)
  @IsBoolean()
  webhookRequireVerified: boolean;

  @Env('WEBHOOK_ORIGIN', 'The name that we give ourselves when we ask for that consent.', 'quittance.local')
  @Matches(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/)
  webhookOrigin: string;

  @Env('WEBHOOK_MESSAGE_RETENTION_DAYS', 'Days that messages are kept, and may be sent again.', 30)
  @IsInt()
  @Min(7)
  @Max(400)
  webhookMessageRetentionDays: number;

  @Env('WEBHOOK_ATTEMPT_RETENTION_DAYS', 'Days that attempts are kept.', 90)
  @IsInt()
  @Min(7)
  @Max(3_650)
  webhookAttemptRetentionDays: number;

  @Env('WEBHOOK_SUCCESS_BODY_RETENTION_DAYS', 'Days that what a receiver said with a 2xx is kept.', 7)
  @IsInt()
  @Min(1)
  @Max(400)
  webhookSuccessBodyRetentionDays: number;

  @Env('WEBHOOK_LEASE_MS', 'How long a dispatcher owns its shards without a sign of life.', 15_000)
  @IsInt()
  @Min(500)
  @Max(120_000)
  webhookLeaseMs: number;

  @Env(
    'WEBHOOK_ENDPOINT_BACKLOG_MAX',
    'Deliveries that may wait for one endpoint; what is beyond becomes a gap.',
    1_000_000,
  )
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  webhookEndpointBacklogMax: number;

  @Env('WEBHOOK_TENANT_BACKLOG_MAX', 'Deliveries that may wait for all endpoints of one tenant.', 5_000_000)
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  webhookTenantBacklogMax: number;
}
