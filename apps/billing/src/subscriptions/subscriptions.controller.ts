import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { offsetOf } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import type { Subscription } from '../domain/subscription.ts';
import { ChangeMethodDto, CreateSubscriptionDto, inputOf } from './create-subscription.dto.ts';
import { NewSubscriptions } from './new-subscriptions.service.ts';
import { SubscriptionDto, SubscriptionPageDto, SubscriptionsQuery } from './subscription.dto.ts';
import { SubscriptionsService } from './subscriptions.service.ts';

@ApiTags('subscriptions')
@Controller('api/v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly made: NewSubscriptions,
    private readonly db: Database,
  ) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: SubscriptionDto })
  createSubscription(@Body() dto: CreateSubscriptionDto, @Once() once: Once): Promise<SubscriptionDto> {
    return once(async (tx, { tenantId, currency }) =>
      SubscriptionDto.from(await this.made.create(tx, tenantId, inputOf(dto, currency))),
    );
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: SubscriptionPageDto })
  async listSubscriptions(
    @Query() query: SubscriptionsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<SubscriptionPageDto> {
    const filter = SubscriptionsQuery.toFilter(query);
    const { page, limit } = query;
    const rowsOf = { skip: offsetOf(query), take: limit };
    // Rows and their number are of one moment.
    const [rows, total] = await this.db.snapshot(tenantId, (tx) =>
      this.subscriptions.page(tx, tenantId, filter, rowsOf),
    );
    return { data: rows.map((row) => SubscriptionDto.from(row)), page, limit, total };
  }

  @Get(':id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: SubscriptionDto })
  async getSubscription(
    @PathId('id', 'subscription') id: string,
    @Caller() { tenantId }: Caller,
  ): Promise<SubscriptionDto> {
    return answer(await this.db.withTenant(tenantId, (tx) => this.subscriptions.find(tx, { tenantId, id })), id);
  }

  @Delete(':id')
  @RequireScope('billing:write')
  @ApiOkResponse({ type: SubscriptionDto })
  cancelSubscription(@PathId('id', 'subscription') id: string, @Once() once: Once): Promise<SubscriptionDto> {
    return once(async (tx, { tenantId }) => answer(await this.subscriptions.cancel(tx, { tenantId, id }), id));
  }

  @Put(':id/payment-method')
  @RequireScope('billing:write')
  @ApiOkResponse({ type: SubscriptionDto })
  changePaymentMethod(
    @PathId('id', 'subscription') id: string,
    @Body() { payment_method_id: methodId }: ChangeMethodDto,
    @Once() once: Once,
  ): Promise<SubscriptionDto> {
    return once(async (tx, { tenantId }) =>
      answer(await this.subscriptions.changeMethod(tx, { tenantId, id }, methodId), id),
    );
  }

  @Post(':id/pause')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: SubscriptionDto })
  pauseSubscription(@PathId('id', 'subscription') id: string, @Once() once: Once): Promise<SubscriptionDto> {
    return once(async (tx, { tenantId }) => answer(await this.subscriptions.pause(tx, { tenantId, id }), id));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: SubscriptionDto })
  resumeSubscription(@PathId('id', 'subscription') id: string, @Once() once: Once): Promise<SubscriptionDto> {
    return once(async (tx, { tenantId }) => answer(await this.subscriptions.resume(tx, { tenantId, id }), id));
  }
}

function answer(found: Subscription | null, id: string): SubscriptionDto {
  if (!found) throw notFound('subscription', id);
  return SubscriptionDto.from(found);
}
