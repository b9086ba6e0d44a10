import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { Providers } from '../providers/providers.ts';
import { describeToken } from './describe-token.ts';
import { AddPaymentMethodDto, PaymentMethodDto } from './payment-method.dto.ts';
import { PaymentMethodsService } from './payment-methods.service.ts';

@Controller('payment-methods')
export class PaymentMethodsController {
  constructor(
    private readonly db: Database,
    private readonly methods: PaymentMethodsService,
    private readonly providers: Providers,
    private readonly clock: Clock,
  ) {}

  @Post()
  @RequireScope('payments:write')
  @ApiCreatedResponse({ type: PaymentMethodDto })
  async add(
    @Body() dto: AddPaymentMethodDto,
    @Caller() { tenantId }: Caller,
    @Once() once: Once,
  ): Promise<PaymentMethodDto> {
    const { token, policyholderLocator } = dto;
    const described = await describeToken(this.providers, token, { tenantId });
    return once(async (tx) => {
      const method = await this.methods.add(tx, tenantId, { ...described, token, policyholderLocator });
      return PaymentMethodDto.from(method, this.clock.now());
    });
  }

  @Get(':id')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentMethodDto })
  async get(@PathId('id', 'payment method') id: string, @Caller() { tenantId }: Caller): Promise<PaymentMethodDto> {
    const method = await this.db.withTenant(tenantId, (tx) => this.methods.get(tx, { tenantId, id }));
    return PaymentMethodDto.from(method, this.clock.now());
  }
}
