import { ApiProperty } from '@nestjs/swagger';
import type { Gap } from '../domain/backlog.ts';
import { suspectAfter } from '../domain/health.ts';
import type { EndpointHealth } from '../domain/health.ts';
import { EndpointDto } from '../endpoints/endpoint.dto.ts';
import type { EndpointDetail } from './endpoint-detail.ts';

export class EndpointHealthDto {
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null: its last attempt succeeded.' })
  failingSince: string | null;

  @ApiProperty({ description: 'Attempts that failed since then: exact up to 20, at least so many above.' })
  failures: number;

  @ApiProperty({ description: 'Deliveries given up since then.' })
  exhausted: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastFailureAt: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'null: it did not answer.' })
  lastStatus: number | null;

  @ApiProperty({
    description: 'It answered 400, 401, 403, 404, 413, 415 or 422 three times: something is set up wrongly.',
  })
  permanentSuspect: boolean;

  static from(health: EndpointHealth | null): EndpointHealthDto {
    return {
      failingSince: health?.failingSince?.toISOString() ?? null,
      failures: health?.failures ?? 0,
      exhausted: health?.exhausted ?? 0,
      lastFailureAt: health?.lastFailureAt?.toISOString() ?? null,
      lastStatus: health?.lastStatus ?? null,
      permanentSuspect: (health?.suspects ?? 0) >= suspectAfter,
    };
  }
}

export class GapDto {
  @ApiProperty({ enum: ['disabled', 'backlog_full'], description: 'Why the events became no deliveries.' })
  reason: string;

  @ApiProperty({ format: 'uuid', description: '`sinceId` for `POST /webhook-endpoints/{id}/recover`.' })
  firstEventId: string;

  @ApiProperty({ format: 'uuid' })
  lastEventId: string;

  @ApiProperty({ description: 'How many events.' })
  count: number;

  static from(gap: Gap): GapDto {
    const { reason, firstMessageId, lastMessageId, missed } = gap;
    return { reason, firstEventId: firstMessageId, lastEventId: lastMessageId, count: missed };
  }
}

export class EndpointDetailDto extends EndpointDto {
  @ApiProperty({ type: EndpointHealthDto })
  health: EndpointHealthDto;

  @ApiProperty({ type: [GapDto], description: 'What it missed and no replay has brought since.' })
  gaps: GapDto[];

  static fromDetail({ endpoint, health, gaps }: EndpointDetail): EndpointDetailDto {
    return {
      ...EndpointDto.from(endpoint),
      health: EndpointHealthDto.from(health),
      gaps: gaps.map((gap) => GapDto.from(gap)),
    };
  }
}
