import { ApiProperty } from '@nestjs/swagger';

export class EventTypeVersionDto {
  @ApiProperty({ type: 'integer' })
  version: number;

  @ApiProperty({ description: 'There is a newer one: it is sent to endpoints that are pinned to it, for a while.' })
  deprecated: boolean;
}

export class EventTypeDto {
  @ApiProperty({ example: 'payment.posted' })
  type: string;

  @ApiProperty({ description: 'What has happened.' })
  summary: string;

  @ApiProperty({ type: Object, description: 'JSON Schema of the webhook’s `data`, of the newest version.' })
  schema: object;

  @ApiProperty({ type: Object, description: 'An example of `data`.' })
  example: unknown;

  @ApiProperty({ type: [EventTypeVersionDto], description: 'Oldest first; `payloadVersion` of an endpoint picks one.' })
  versions: readonly EventTypeVersionDto[];

  @ApiProperty({
    ...{ type: [String], example: ['policy', 'policyholder'] },
    description: 'Its channels are `<kind>:<id>`, by the ids in its data.',
  })
  channels: readonly string[];
}

export class EventTypesDto {
  @ApiProperty({ type: [EventTypeDto] })
  items: EventTypeDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Always null: the catalogue is one page.' })
  nextCursor: null;
}
