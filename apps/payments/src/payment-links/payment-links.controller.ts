import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { numberedPage, offsetOf } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import type { PaymentLink } from '../domain/payment-link.ts';
import {
  CreatePaymentLinkDto,
  filterOf,
  inputOf,
  ListPaymentLinksQuery,
  RefundLinkDto,
} from './create-payment-link.dto.ts';
import { LinkAddresses } from './link-addresses.ts';
import { LinkRefunds } from './link-refunds.service.ts';
import { PaymentLinkDto, PaymentLinkPageDto } from './payment-link.dto.ts';
import { PaymentLinksService } from './payment-links.service.ts';

@Controller('api/v1/payment-links')
export class PaymentLinksController {
  constructor(
    private readonly db: Database,
    private readonly links: PaymentLinksService,
    private readonly refunds: LinkRefunds,
    private readonly addresses: LinkAddresses,
  ) {}

  @Post()
  @RequireScope('payments:write')
  @ApiCreatedResponse({ type: PaymentLinkDto })
  create(@Body() dto: CreatePaymentLinkDto, @Once() once: Once): Promise<PaymentLinkDto> {
    return once(async (tx, { tenantId, currency }) =>
      this.show(await this.links.create(tx, tenantId, inputOf(dto, currency))),
    );
  }

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentLinkPageDto })
  async list(@Query() query: ListPaymentLinksQuery, @Caller() { tenantId }: Caller): Promise<PaymentLinkPageDto> {
    const page = { tenantId, filter: filterOf(query), offset: offsetOf(query), limit: query.limit };
    const { links, total } = await this.db.withTenant(tenantId, (tx) => this.links.list(tx, page));
    const data = links.map((link) => this.show(link));
    return numberedPage(data, query, total) as PaymentLinkPageDto;
  }

  @Get(':id')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentLinkDto })
  async get(@PathId('id', 'payment link') id: string, @Caller() { tenantId }: Caller): Promise<PaymentLinkDto> {
    return this.show(await this.db.withTenant(tenantId, (tx) => this.links.get(tx, { tenantId, id })));
  }

  @Delete(':id')
  @RequireScope('payments:write')
  @ApiOkResponse({ type: PaymentLinkDto })
  cancel(@PathId('id', 'payment link') id: string, @Once() once: Once): Promise<PaymentLinkDto> {
    return once(async (tx, { tenantId }) => this.show(await this.links.cancel(tx, { tenantId, id })));
  }

  @Post(':id/refund')
  @HttpCode(200)
  @RequireScope('payments:refund')
  @ApiBody({ type: RefundLinkDto, required: false })
  @ApiOkResponse({ type: PaymentLinkDto })
  refund(
    @PathId('id', 'payment link') id: string,
    @Body() { amount_cents: cents, reason }: RefundLinkDto,
    @Once() once: Once,
  ): Promise<PaymentLinkDto> {
    return once.across(({ tenantId, clientId: requestedBy }) => {
      const asked = { amountMinor: cents == null ? null : BigInt(cents), reason: reason ?? 'By request', requestedBy };
      return Promise.resolve(this.refunds.refund({ tenantId, id }, asked, (link) => this.show(link)));
    });
  }

  private show(link: PaymentLink): PaymentLinkDto {
    return PaymentLinkDto.from(link, this.addresses.urlOf(link));
  }
}
