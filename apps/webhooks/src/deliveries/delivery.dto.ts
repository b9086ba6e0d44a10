import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { IsBoolean, IsIn, IsOptional, IsUUID } from 'class-validator';
import type { AttemptView, DeliveryDetail, DeliveryView, StartView } from './delivery-view.ts';

const states = ['pending', 'paused', 'delivered', 'exhausted', 'aborted'] as const;

export class DeliveriesQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid' })
  @IsOptional()
  @IsUUID('all', { message: 'must be an endpoint id' })
  endpointId?: string;

  @ApiPropertyOptional({ enum: states })
  @IsOptional()
  @IsIn(states, { message: `must be one of ${states.join(', ')}` })
  state?: (typeof states)[number];
}

export class RetryDeliveryDto {
  @ApiPropertyOptional({ description: 'Also where it breaks the order in which its endpoint gets the events.' })
  @IsOptional()
  @IsBoolean()
  force?: boolean;
}

export class DeliveryDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid' })
  endpointId: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the event, the `webhook-id` of every attempt.' })
  eventId: string;

  @ApiProperty({ type: String, nullable: true, description: 'null when the message is no longer kept.' })
  eventType: string | null;

  @ApiProperty({ description: 'Made by `POST /webhook-endpoints/{id}/test`: an example, and no event.' })
  isTest: boolean;

  @ApiProperty({ enum: states })
  state: string;

  @ApiProperty({ description: 'Requests made so far.' })
  attemptCount: number;

  @ApiProperty({ type: Number, nullable: true })
  lastStatus: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why there was no answer: `timeout`, `connection_refused`, `erased`, …',
  })
  lastError: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  nextAttemptAt: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(delivery: DeliveryView): DeliveryDto {
    return {
      id: delivery.id,
      endpointId: delivery.endpointId,
      eventId: delivery.messageId,
      eventType: delivery.eventType,
      isTest: delivery.isTest,
      state: delivery.state,
      attemptCount: delivery.attempts,
      lastStatus: delivery.lastStatus,
      lastError: delivery.lastError,
      nextAttemptAt: delivery.state === 'pending' ? (delivery.nextAttemptAt?.toISOString() ?? null) : null,
      createdAt: delivery.createdAt.toISOString(),
    };
  }
}

/** Where the time went. Whom we spoke to is not shown: an address tells of networks, and maybe of ours. */
export class AttemptTimingsDto {
  @ApiProperty({ type: Number, nullable: true, description: 'Looking the name up; null on a connection kept alive.' })
  dnsMs: number | null;

  @ApiProperty({ type: Number, nullable: true })
  connectMs: number | null;

  @ApiProperty({ type: Number, nullable: true })
  tlsMs: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'From the start of the attempt to the first byte.' })
  firstByteMs: number | null;

  static from({ dnsMs, connectMs, tlsMs, firstByteMs }: AttemptTimingsDto): AttemptTimingsDto {
    return { dnsMs, connectMs, tlsMs, firstByteMs };
  }
}

export class AttemptDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ description: 'Counted from 1.' })
  number: number;

  @ApiProperty({ enum: ['succeeded', 'failed', 'not_sent'] })
  outcome: string;

  @ApiProperty({ type: Number, nullable: true })
  status: number | null;

  @ApiProperty({ type: String, nullable: true })
  error: string | null;

  @ApiProperty({ format: 'date-time' })
  startedAt: string;

  @ApiProperty({ type: Number, nullable: true, description: 'All of it, to the last byte read.' })
  durationMs: number | null;

  @ApiProperty({ type: AttemptTimingsDto })
  timings: AttemptTimingsDto;

  @ApiProperty({ type: Object, nullable: true, description: 'Values that may be credentials are `[redacted]`.' })
  responseHeaders: Record<string, string> | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'At most 16 KiB, card numbers masked, bytes that are no text replaced. After a 2xx it is kept for days only.',
  })
  responseBody: string | null;

  @ApiProperty({ description: 'There was a body, and the key that it was kept under has been destroyed.' })
  erased: boolean;

  @ApiProperty()
  responseTruncated: boolean;

  @ApiProperty({ description: 'It may have been sent before by a process that died.' })
  possibleDuplicate: boolean;

  static from(attempt: AttemptView): AttemptDto {
    return {
      id: attempt.id,
      number: attempt.n,
      outcome: attempt.outcome,
      status: attempt.status,
      error: attempt.error,
      startedAt: attempt.startedAt.toISOString(),
      durationMs: attempt.durationMs,
      timings: AttemptTimingsDto.from(attempt),
      responseHeaders: attempt.responseHeaders,
      responseBody: attempt.responseBody?.toString('utf8').replaceAll('\0', '\ufffd') ?? null,
      erased: attempt.isErased === true,
      responseTruncated: attempt.responseTruncated,
      possibleDuplicate: attempt.possibleDuplicate,
    };
  }
}

export class StartDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ description: 'Number of the attempt that it would have been.' })
  number: number;

  @ApiProperty({ format: 'date-time' })
  startedAt: string;

  static from({ id, n, startedAt }: StartView): StartDto {
    return { id, number: n, startedAt: startedAt.toISOString() };
  }
}

export class DeliveryDetailDto extends DeliveryDto {
  @ApiProperty({ type: [AttemptDto], description: 'Oldest first.' })
  attempts: AttemptDto[];

  @ApiProperty({
    type: [StartDto],
    description: 'With `auditStrict`: requests begun and not settled, under way or lost with their process.',
  })
  unsettledStarts: StartDto[];

  static fromDetail({ delivery, attempts, starts }: DeliveryDetail): DeliveryDetailDto {
    return {
      ...DeliveryDto.from(delivery),
      attempts: attempts.map((attempt) => AttemptDto.from(attempt)),
      unsettledStarts: starts.map((start) => StartDto.from(start)),
    };
  }
}

export class DeliveryPageDto {
  @ApiProperty({ type: [DeliveryDto] })
  items: DeliveryDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}
