import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { PathId } from '@quittance/service-kit/http/path-id';
import { EndpointStatsService, rowsMax } from './endpoint-stats.service.ts';
import type { EndpointStats } from './endpoint-stats.service.ts';

class AttemptCountsDto {
  @ApiProperty({ type: 'integer' })
  succeeded: number;

  @ApiProperty({ type: 'integer' })
  failed: number;

  @ApiProperty({ type: 'integer', description: 'The message was no longer kept.' })
  notSent: number;
}

class DurationsDto {
  @ApiProperty({ type: 'integer', nullable: true })
  p50: number | null;

  @ApiProperty({ type: 'integer', nullable: true })
  p95: number | null;
}

class EndpointStatsDto {
  @ApiProperty({
    format: 'date-time',
    description: `A day ago; later where there were more than ${rowsMax} attempts: then it is the oldest of these.`,
  })
  since: string;

  @ApiProperty()
  attempts: AttemptCountsDto;

  @ApiProperty()
  durationMs: DurationsDto;

  @ApiProperty({ type: 'integer', description: `Open deliveries; ${rowsMax} stands for that many or more.` })
  backlog: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the first of them is due.' })
  oldestDueAt: string | null;

  static from({ since, attempts, queue }: EndpointStats): EndpointStatsDto {
    const { succeeded, failed, notSent, p50Ms, p95Ms } = attempts;
    return {
      since: since.toISOString(),
      attempts: { succeeded, failed, notSent },
      durationMs: { p50: p50Ms, p95: p95Ms },
      backlog: queue.open,
      oldestDueAt: queue.oldestDueAt?.toISOString() ?? null,
    };
  }
}

@ApiTags('webhooks')
@Controller('webhook-endpoints/:id/stats')
export class EndpointStatsController {
  constructor(
    private readonly db: Database,
    private readonly stats: EndpointStatsService,
  ) {}

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EndpointStatsDto })
  async getWebhookEndpointStats(
    @PathId('id', 'webhook endpoint') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<EndpointStatsDto> {
    return EndpointStatsDto.from(await this.db.withTenant(tenantId, (tx) => this.stats.get(tx, tenantId, id)));
  }
}
