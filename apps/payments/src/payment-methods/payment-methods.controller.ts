import { Body, Controller, Delete, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { Providers } from '../providers/providers.ts';
import { describeToken } from './describe-token.ts';
import {
  AddPaymentMethodDto,
  ChangePaymentMethodDto,
  PaymentMethodDto,
  PaymentMethodPageDto,
  PaymentMethodsQuery,
} from './payment-method.dto.ts';
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

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentMethodPageDto })
  async list(@Query() query: PaymentMethodsQuery, @Caller() { tenantId }: Caller): Promise<PaymentMethodPageDto> {
    const { policyholderLocator, limit } = query;
    const page = { tenantId, policyholderLocator, beforeId: decodeCursor(query.cursor), limit: limit + 1 };
    const found = await this.db.withTenant(tenantId, (tx) => this.methods.list(tx, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((method) => PaymentMethodDto.from(method, this.clock.now())), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentMethodDto })
  async get(@PathId('id', 'payment method') id: string, @Caller() { tenantId }: Caller): Promise<PaymentMethodDto> {
    const method = await this.db.withTenant(tenantId, (tx) => this.methods.get(tx, { tenantId, id }));
    return PaymentMethodDto.from(method, this.clock.now());
  }

  @Patch(':id')
  @RequireScope('payments:write')
  @ApiOkResponse({ type: PaymentMethodDto })
  change(
    @PathId('id', 'payment method') id: string,
    @Body() { isDefault }: ChangePaymentMethodDto,
    @Once() once: Once,
  ): Promise<PaymentMethodDto> {
    return once(async (tx, { tenantId }) => {
      const method = await this.methods.setDefault(tx, { tenantId, id }, isDefault);
      return PaymentMethodDto.from(method, this.clock.now());
    });
  }

  /** The customer takes back the leave to charge it. It stays to be seen, as revoked. */
  @Delete(':id')
  @RequireScope('payments:write')
  @ApiOkResponse({ type: PaymentMethodDto })
  revoke(@PathId('id', 'payment method') id: string, @Once() once: Once): Promise<PaymentMethodDto> {
    return once(async (tx, { tenantId }) => {
      const method = await this.methods.withdraw(tx, { tenantId, id }, { state: 'revoked', reason: 'customer' });
      return PaymentMethodDto.from(method, this.clock.now());
    });
  }
}
