import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { amountOf } from '@quittance/service-kit/http/amounts';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { PaymentsService } from '../payments/payments.service.ts';
import { RefundRequests } from './refund-requests.service.ts';
import { RefundDto, RefundPageDto, RequestRefundDto } from './refund.dto.ts';

@Controller()
export class RefundsController {
  constructor(
    private readonly db: Database,
    private readonly refunds: RefundRequests,
    private readonly payments: PaymentsService,
  ) {}

  @Post('payments/:locator/refunds')
  @RequireScope('payments:refund')
  @ApiCreatedResponse({ type: RefundDto })
  request(
    @PathId('locator', 'payment') id: string,
    @Body() { amount = null, reason, destination = null }: RequestRefundDto,
    @Once({ required: true }) once: Once,
  ): Promise<RefundDto> {
    return once(async (tx, { tenantId, clientId }) => {
      // An amount has the decimals of the payment's currency.
      const { currency } = await this.payments.get(tx, { tenantId, id });
      const amountMinor = amount === null ? null : amountOf(amount, currency, '/amount', { positive: true }).minor;
      const asked = { amountMinor, reason, destination, requestedBy: clientId };
      return RefundDto.from(await this.refunds.request(tx, { tenantId, id }, asked));
    });
  }

  @Get('payments/:locator/refunds')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: RefundPageDto })
  async list(
    @PathId('locator', 'payment') paymentId: string,
    @Query() { limit, cursor }: CursorQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<RefundPageDto> {
    const page = { tenantId, paymentId, beforeId: decodeCursor(cursor), limit: limit + 1 };
    const found = await this.db.withTenant(tenantId, (tx) => this.refunds.list(tx, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((refund) => RefundDto.from(refund)), nextCursor: next };
  }

  @Get('refunds/:id')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: RefundDto })
  async get(@PathId('id', 'refund') id: string, @Caller() { tenantId }: Caller): Promise<RefundDto> {
    return RefundDto.from(await this.db.withTenant(tenantId, (tx) => this.refunds.get(tx, { tenantId, id })));
  }

  @Post('refunds/:id/approve')
  @HttpCode(200)
  @RequireScope('payments:refund')
  @ApiOkResponse({ type: RefundDto })
  approve(@PathId('id', 'refund') id: string, @Once() once: Once): Promise<RefundDto> {
    return once(async (tx, { tenantId, clientId }) =>
      RefundDto.from(await this.refunds.approve(tx, { tenantId, id }, clientId)),
    );
  }

  @Post('refunds/:id/reject')
  @HttpCode(200)
  @RequireScope('payments:refund')
  @ApiOkResponse({ type: RefundDto })
  reject(@PathId('id', 'refund') id: string, @Once() once: Once): Promise<RefundDto> {
    return once(async (tx, { tenantId, clientId: by }) =>
      RefundDto.from(await this.refunds.withdraw(tx, { tenantId, id }, { event: 'reject', by })),
    );
  }

  @Post('refunds/:id/cancel')
  @HttpCode(200)
  @RequireScope('payments:refund')
  @ApiOkResponse({ type: RefundDto })
  cancel(@PathId('id', 'refund') id: string, @Once() once: Once): Promise<RefundDto> {
    return once(async (tx, { tenantId, clientId: by }) =>
      RefundDto.from(await this.refunds.withdraw(tx, { tenantId, id }, { event: 'cancel', by })),
    );
  }

  @Post('refunds/:id/retry')
  @HttpCode(200)
  @RequireScope('payments:refund')
  @ApiOkResponse({ type: RefundDto })
  retry(@PathId('id', 'refund') id: string, @Once() once: Once): Promise<RefundDto> {
    return once(async (tx, { tenantId }) => RefundDto.from(await this.refunds.retry(tx, { tenantId, id })));
  }

  @Post('refunds/:id/convert')
  @HttpCode(200)
  @RequireScope('payments:refund')
  @ApiOkResponse({ type: RefundDto })
  convert(@PathId('id', 'refund') id: string, @Once() once: Once): Promise<RefundDto> {
    return once(async (tx, { tenantId, clientId }) =>
      RefundDto.from(await this.refunds.convert(tx, { tenantId, id }, clientId)),
    );
  }
}
