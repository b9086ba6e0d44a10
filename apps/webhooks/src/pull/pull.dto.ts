import { ApiProperty, PickType } from '@nestjs/swagger';
import { CursorQuery, encodeCursor, QueryInt } from '@quittance/service-kit/http/page';
import { IsString, Length } from 'class-validator';
import { signedHeaders } from '../deliveries/signature.ts';
import { cursorKey } from '../domain/pull.ts';
import { EndpointSettingsDto } from '../endpoints/endpoint.dto.ts';
import { MatchingViewDto } from '../endpoints/matching.dto.ts';
import type { Pulled, PullConsumer, PulledMessage } from './pull-consumer.ts';

export const waitSecondsMax = 20;

const asked = ['eventTypes', 'channels', 'filter', 'contentMode', 'payloadVersion'] as const;

export class CreatePullConsumerDto extends PickType(EndpointSettingsDto, asked) {
  @ApiProperty({ minLength: 1, maxLength: 100 })
  @IsString()
  @Length(1, 100)
  name: string;
}

export class PullConsumerDto extends MatchingViewDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty({ type: [String], nullable: true })
  eventTypes: readonly string[] | null;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'When it last got further.' })
  acknowledgedAt: string | null;

  @ApiProperty({ format: 'date-time' })
  createdAt: string;

  static from(consumer: PullConsumer): PullConsumerDto {
    const { id, name, eventTypes, createdAt } = consumer;
    const acknowledgedAt = consumer.acknowledgedAt?.toISOString() ?? null;
    return {
      id,
      name,
      eventTypes,
      ...MatchingViewDto.of(consumer),
      acknowledgedAt,
      createdAt: createdAt.toISOString(),
    };
  }
}

export class CreatedPullConsumerDto extends PullConsumerDto {
  @ApiProperty({ type: String, description: 'Signs what is pulled; shown in this answer only.', example: 'whsec_…' })
  secret: string | null;
}

export class PullConsumerPageDto {
  @ApiProperty({ type: [PullConsumerDto] })
  items: PullConsumerDto[];

  @ApiProperty({ type: String, nullable: true })
  nextCursor: string | null;
}

export class PullQuery extends CursorQuery {
  @QueryInt(0, waitSecondsMax)
  wait: number = 0;
}

export class PulledMessageDto {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'payment.posted' })
  type: string;

  @ApiProperty({
    type: Object,
    description: 'What an endpoint would be sent: `webhook-id`, `webhook-timestamp`, `webhook-signature`, …',
  })
  headers: Record<string, string>;

  @ApiProperty({ description: 'The text that is signed: verify it as it is, then parse it.' })
  body: string;

  static from({ id, type, sequence, body }: PulledMessage, { key }: Pulled, at: Date): PulledMessageDto {
    const headers = {
      'content-type': 'application/json',
      ...signedHeaders(id, at, body, [key]),
      ...(sequence === null ? {} : { 'webhook-sequence': String(sequence) }),
    };
    return { id, type, headers, body: body.toString('utf8') };
  }
}

export class PulledPageDto {
  @ApiProperty({ type: [PulledMessageDto], description: 'Oldest first.' })
  items: PulledMessageDto[];

  @ApiProperty({ description: 'Sent with the next request it says that everything up to here is dealt with.' })
  nextCursor: string;

  @ApiProperty({ description: 'Whether to ask again at once.' })
  hasMore: boolean;

  static from(pulled: Pulled, at: Date): PulledPageDto {
    const { consumer, messages, after, hasMore } = pulled;
    const items = messages.map((message) => PulledMessageDto.from(message, pulled, at));
    return { items, nextCursor: encodeCursor(cursorKey(consumer.id, after)), hasMore };
  }
}
