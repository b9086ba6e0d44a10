import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { IsString, ValidateIf } from 'class-validator';
import { DeliveryDto } from './delivery.dto.ts';
import { TestSendsService } from './test-sends.service.ts';

export class TestSendDto {
  @ApiPropertyOptional({
    ...{ type: String, example: 'payment.posted' },
    description: 'One of `GET /event-types`. Absent: the first that the endpoint wants.',
  })
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  eventType?: string;
}

@ApiTags('webhooks')
@Controller('webhook-endpoints')
export class TestSendsController {
  constructor(private readonly tests: TestSendsService) {}

  @Post(':id/test')
  @HttpCode(HttpStatus.ACCEPTED)
  @RequireScope('webhooks:write')
  @ApiAcceptedResponse({ type: DeliveryDto, description: 'Sent with the header `webhook-test: true`.' })
  testWebhookEndpoint(
    @PathId('id', 'webhook endpoint') id: string,
    @Body() { eventType }: TestSendDto,
    @Once() once: Once,
  ): Promise<DeliveryDto> {
    return once(async (tx, { tenantId }) => DeliveryDto.from(await this.tests.send(tx, tenantId, id, eventType)));
  }
}
