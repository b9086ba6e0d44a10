import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import {
  CreatePaymentApplicationDto,
  PaymentApplicationDto,
  PaymentApplicationsDto,
} from './payment-application.dto.ts';
import { PaymentApplicationsService } from './payment-applications.service.ts';

@ApiTags('payment applications')
@Controller('payment-applications')
export class PaymentApplicationsController {
  constructor(private readonly applications: PaymentApplicationsService) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: PaymentApplicationsDto })
  createPaymentApplication(
    @Body() dto: CreatePaymentApplicationDto,
    @Once({ required: true }) once: Once,
  ): Promise<PaymentApplicationsDto> {
    const wanted = CreatePaymentApplicationDto.toNew(dto);
    return once(async (tx, { tenantId }) => {
      const batches = await this.applications.create(tx, tenantId, wanted);
      return { items: batches.map((batch) => PaymentApplicationDto.from(batch)) };
    });
  }

  /** Of any application, also of one that nobody made by hand. */
  @Post(':id/reverse')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: PaymentApplicationDto })
  reversePaymentApplication(
    @PathId('id', 'payment application') id: string,
    @Once({ required: true }) once: Once,
  ): Promise<PaymentApplicationDto> {
    return once(async (tx, { tenantId }) => {
      const reversed = await this.applications.reverse(tx, { tenantId, id });
      if (!reversed) throw notFound('payment application', id);
      return PaymentApplicationDto.from(reversed);
    });
  }
}
