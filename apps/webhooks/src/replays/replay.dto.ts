import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Replay } from '../domain/replay.ts';
import { IsInstant } from '../endpoints/instant.validator.ts';
import { IsRate } from './rate.validator.ts';

const states = ['running', 'completed', 'cancelled', 'failed'] as const;

export class CreateReplayDto {
  @ApiProperty({ format: 'uuid' })
  @IsUUID('all', { message: 'must be an endpoint id' })
  endpointId: string;

  @ApiProperty({ format: 'date-time', description: 'Events that happened at this instant or later.' })
  @IsInstant()
  from: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Events that happened before it. Absent: until now.' })
  @IsOptional()
  @IsInstant()
  to?: string;

  @ApiPropertyOptional({ type: [String], description: 'Absent: whatever the endpoint takes.' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsString({ each: true })
  eventTypes?: string[];

  @ApiPropertyOptional({ default: false, description: 'Only what the endpoint has never taken.' })
  @IsOptional()
  @IsBoolean()
  onlyFailed?: boolean;

  @IsRate()
  ratePerSecond?: number;
}

export class ReplaysQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be an endpoint id' })
  endpointId?: string;

  @ApiPropertyOptional({ enum: states })
  @IsOptional()
  @IsIn(states, { message: `must be one of ${states.join(', ')}` })
  state?: (typeof states)[number];
}

export class ReplayDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  endpointId: string;

  @ApiProperty({ enum: states })
  state: string;

  @ApiProperty({ type: String, nullable: true, description: '`endpoint_removed`, `endpoint_disabled`.' })
  failure: string | null;

  @ApiProperty({ format: 'uuid', description: 'The least event id of the range.' })
  fromId: string;

  @ApiProperty({ format: 'uuid', description: 'The least event id after the range.' })
  untilId: string;

  @ApiProperty({ type: [String], nullable: true, description: 'null: whatever the endpoint takes.' })
  eventTypes: readonly string[] | null;

  @ApiProperty({ description: 'Only what the endpoint has never taken.' })
  onlyFailed: boolean;

  @ApiProperty()
  ratePerSecond: number;

  @ApiProperty({ description: 'Messages of the range that were looked at.' })
  scanned: number;

  @ApiProperty({ description: 'Deliveries that were queued.' })
  replayed: number;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt: string | null;

  static from(replay: Replay): ReplayDto {
    return {
      id: replay.id,
      endpointId: replay.endpointId,
      state: replay.state,
      failure: replay.failure,
      fromId: replay.fromId,
      untilId: replay.untilId,
      eventTypes: replay.eventTypes,
      onlyFailed: replay.onlyFailed,
      ratePerSecond: replay.ratePerSecond,
      scanned: replay.scanned,
      replayed: replay.replayed,
      createdAt: replay.createdAt.toISOString(),
      finishedAt: replay.finishedAt?.toISOString() ?? null,
    };
  }
}

export class ReplayPageDto {
  @ApiProperty({ type: [ReplayDto] })
  items: ReplayDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
