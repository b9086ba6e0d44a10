import { IsBoolean, IsInt, IsUrl, Matches, Max, Min, ValidateBy } from 'class-validator';
import { derived, Env } from '@quittance/service-kit/config/env';
import { Secret } from '@quittance/service-kit/config/secret';
import { ServiceConfig } from '@quittance/service-kit/config/service-config';

const MEBIBYTE = 1024 * 1024;
const isKey = (value: unknown) => value instanceof Secret && secretKeyBytes(value).length === 32;

/** A development key is marked by `dev-` in front of the base64, so that production can refuse it. */
export function secretKeyBytes(key: Secret): Buffer {
  return Buffer.from(key.reveal().replace(/^dev-/, ''), 'base64');
}

export class ReconciliationConfig extends ServiceConfig {
  @Env('PORT', 'Port of the HTTP API; 0 takes a free one.', 8083)
  @IsInt()
  @Min(0)
  @Max(65_535)
  override port: number;

  @Env('ALLOW_TEST_CLOCK', "Follow a tenant's test clock; refused in production.", false)
  @IsBoolean()
  allowTestClock: boolean;

  @Env('SECRETS_KEY', "32 bytes in base64: seals the tenants' keys, and by it addresses of files are signed.")
  @ValidateBy({ name: 'isKey', validator: { validate: isKey, defaultMessage: () => 'must be 32 bytes in base64' } })
  secretsKey: Secret;

  @Env(
    'PUBLIC_URL',
    'The address that the gateway has outside, for the addresses of files.',
    derived<ReconciliationConfig>('http://127.0.0.1:8080 in development, none in production', ({ environment }) =>
      environment === 'development' ? 'http://127.0.0.1:8080' : undefined,
    ),
  )
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  publicUrl: string;

  @Env('FILE_BYTES_MAX', 'The largest file of a bank, payer or processor that is taken.', 256 * MEBIBYTE)
  @IsInt()
  @Min(1024)
  @Max(256 * MEBIBYTE)
  fileBytesMax: number;

  @Env(
    'FILE_BYTES_AT_ONCE',
    'How much of files one process holds in memory; who comes then is told to come again.',
    512 * MEBIBYTE,
  )
  @IsInt()
  @Min(1024)
  fileBytesAtOnce: number;

  @Env('WRITE_OFF_TOLERANCE', 'Up to that a difference is written off by one person, in units of its currency.', '1.00')
  @Matches(/^\d{1,9}(\.\d{2})?$/)
  writeOffTolerance: string;

  @Env('WRITE_OFF_ONE_APPROVER', 'Up to that one other person approves a write-off, above it two.', '500.00')
  @Matches(/^\d{1,9}(\.\d{2})?$/)
  writeOffOneApprover: string;

  @Env('MATCH_FOUR_EYES_ABOVE', 'A match by hand above it is confirmed by a second person.', '10000.00')
  @Matches(/^\d{1,9}(\.\d{2})?$/)
  matchFourEyesAbove: string;

  @Env('MATCH_DIFFERENCE_ABOVE', 'So is one whose sides differ by more than that.', '1.00')
  @Matches(/^\d{1,9}(\.\d{2})?$/)
  matchDifferenceAbove: string;
}
