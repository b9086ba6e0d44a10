import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { answering } from '@quittance/service-kit/database/idempotency';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { VerificationDto, VerifyEndpointDto } from './verification.dto.ts';
import { VerificationsService } from './verifications.service.ts';

@ApiTags('webhooks')
@Controller('webhook-endpoints/:id/verify')
export class VerificationsController {
  constructor(private readonly verifications: VerificationsService) {}

  @Post()
  @HttpCode(200)
  @RequireScope('webhooks:write')
  @ApiOkResponse({ type: VerificationDto, description: 'The receiver was asked, whatever it said.' })
  verifyWebhookEndpoint(
    @PathId('id', 'webhook endpoint') id: string,
    @Body() dto: VerifyEndpointDto,
    @Once() once: Once,
  ): Promise<VerificationDto> {
    return once.across(({ tenantId }) =>
      answering(this.verifications.verify(tenantId, id, dto.method), (_tx, made) =>
        Promise.resolve(VerificationDto.from(made)),
      ),
    );
  }
}
