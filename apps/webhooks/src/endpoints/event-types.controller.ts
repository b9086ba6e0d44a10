import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { notFound } from '@quittance/service-kit/http/problem';
import { eventTypeViews } from './event-catalogue.ts';
import { EventTypeDto, EventTypesDto } from './event-type.dto.ts';

/** The types that an endpoint may name. The catalogue is part of the program, so there is nothing to page through. */
@ApiTags('webhooks')
@Controller('event-types')
export class EventTypesController {
  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EventTypesDto })
  listEventTypes(): EventTypesDto {
    return { items: [...eventTypeViews.values()], nextCursor: null };
  }

  @Get(':type')
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: EventTypeDto })
  getEventType(@Param('type') type: string): EventTypeDto {
    const view = eventTypeViews.get(type);
    if (view === undefined) throw notFound('event type', type.slice(0, 64).replace(/[^\x20-\x7e]/g, '?'));
    return view;
  }
}
