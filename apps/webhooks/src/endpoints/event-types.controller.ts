import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { catalogue, partnerEventTypes } from '@quittance/events/catalogue';
import { RequireScope } from '@quittance/service-kit/http/auth';

class EventTypeDto {
  @ApiProperty({ example: 'payment.posted' })
  type: string;

  @ApiProperty({ type: Object, description: 'JSON Schema of the webhook’s `data`.' })
  schema: object;

  @ApiProperty({ type: Object, description: 'An example of `data`.' })
  example: unknown;
}

class EventTypesDto {
  @ApiProperty({ type: [EventTypeDto] })
  items: EventTypeDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Always null: the catalogue is one page.' })
  nextCursor: null;
}

/** The types that an endpoint may name. The catalogue is part of the program, so there is nothing to page through. */
@ApiTags('webhooks')
@Controller('event-types')
export class EventTypesController {
  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EventTypesDto })
  listEventTypes(): EventTypesDto {
    const items = partnerEventTypes.map((type) => {
      const { schema, sample } = catalogue[type];
      return { type, schema, example: sample };
    });
    return { items, nextCursor: null };
  }
}
