import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { Env } from '@quittance/service-kit/config/env';
import { ServiceConfig } from '@quittance/service-kit/config/service-config';

export class ReconciliationConfig extends ServiceConfig {
  @Env('PORT', 'Port of the HTTP API; 0 takes a free one.', 8083)
  @IsInt()
  @Min(0)
  @Max(65_535)
  override port: number;

  @Env('ALLOW_TEST_CLOCK', "Follow a tenant's test clock; refused in production.", false)
  @IsBoolean()
  allowTestClock: boolean;
}
