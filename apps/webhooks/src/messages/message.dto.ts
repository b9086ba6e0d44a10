import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CursorQuery } from '@quittance/service-kit/http/page';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDate,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { AttemptDto, DeliveryDto } from '../deliveries/delivery.dto.ts';
import { AreChannels } from '../endpoints/matching.dto.ts';
import type { DeliveryView } from '../deliveries/delivery-view.ts';
import type { MessageAttempt, MessageDetail, MessageView } from './message-view.ts';

export class PublishMessageDto {
  @ApiProperty({
    example: 'custom.claim.opened',
    description: 'One of `GET /event-types`, or your own: `custom.` and one to three words.',
  })
  @IsString()
  @MaxLength(160)
  type: string;

  @ApiProperty({
    type: Object,
    description:
      'By the schema of its type; of your own types any object. A number that a double cannot hold is sent as text.',
  })
  @IsObject()
  data: Record<string, unknown>;

  @ApiPropertyOptional({ maxLength: 128, description: 'What it is about: the key of order. Its own id where absent.' })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  subject?: string;

  @ApiPropertyOptional({ type: [String], maxItems: 10, description: 'Absent: by the ids in `data`, as of an event.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @AreChannels()
  channels?: string[];

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'Version 7, of today: the `webhook-id`. Published again under it, a message is stored once.',
  })
  @IsOptional()
  @IsUUID('all', { message: 'must be a UUID of version 7' })
  id?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 2_147_483_647, description: 'Version of the subject.' })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  sequence?: number;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

function instantFrom(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const at = /^\d{1,15}$/.test(value) ? new Date(Number(value)) : new Date(rfc3339.test(value) ? value : Number.NaN);
  return Number.isNaN(at.getTime()) ? value : at;
}

/** RFC 3339 or epoch milliseconds. */
function IsInstant(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, description, example: '2026-01-31T00:00:00.000Z' }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => instantFrom(value)),
    IsDate({ message: 'must be an RFC 3339 timestamp or epoch milliseconds' }),
  );
}

export class MessagesQuery extends CursorQuery {
  @ApiPropertyOptional({ type: String, example: 'payment.posted' })
  @IsOptional()
  @IsString()
  @MaxLength(160)
  type?: string;

  @IsInstant('By the time in its id, exclusive.')
  after?: Date;

  @IsInstant('By the time in its id, exclusive.')
  before?: Date;
}

export class MessageDto {
  @ApiProperty({ format: 'uuid', description: 'The `webhook-id` of every attempt.' })
  id: string;

  @ApiProperty()
  type: string;

  @ApiProperty()
  subject: string;

  @ApiProperty({ type: 'integer', nullable: true })
  sequence: number | null;

  @ApiProperty({ type: [String] })
  channels: readonly string[];

  @ApiProperty({ format: 'date-time' })
  timestamp: string;

  static from({ id, type, subject, sequence, channels, occurredAt }: MessageView): MessageDto {
    return { id, type, subject, sequence, channels, timestamp: occurredAt.toISOString() };
  }
}

export class MessageDetailDto extends MessageDto {
  @ApiProperty({ type: String, nullable: true, description: 'The text that is signed and sent; null: it was erased.' })
  body: string | null;

  static fromDetail(message: MessageDetail): MessageDetailDto {
    return { ...MessageDto.from(message), body: message.body?.toString('utf8') ?? null };
  }
}

export class MessagePageDto {
  @ApiProperty({ type: [MessageDto], description: 'Newest first; by type, a page may be short, or empty.' })
  items: MessageDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class MessageAttemptDto extends AttemptDto {
  @ApiProperty({ format: 'uuid' })
  deliveryId: string;

  @ApiProperty({ format: 'uuid' })
  endpointId: string;

  static fromAttempt(attempt: MessageAttempt): MessageAttemptDto {
    return { ...AttemptDto.from(attempt), deliveryId: attempt.deliveryId, endpointId: attempt.endpointId };
  }
}

export class MessageAttemptPageDto {
  @ApiProperty({ type: [MessageAttemptDto], description: 'Newest first.' })
  items: MessageAttemptDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class MessageDeliveriesDto {
  @ApiProperty({ type: [DeliveryDto], description: 'Newest first, at most 500.' })
  items: DeliveryDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Always null.' })
  nextCursor: null;

  static from(deliveries: readonly DeliveryView[]): MessageDeliveriesDto {
    return { items: deliveries.map((delivery) => DeliveryDto.from(delivery)), nextCursor: null };
  }
}
