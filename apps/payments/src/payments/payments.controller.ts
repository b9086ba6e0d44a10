import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { CreatePaymentDto, requestOf } from './create-payment.dto.ts';
import { ImmediateCharges } from './immediate-charges.ts';
import { ListPaymentsQuery, filterOf } from './list-payments.dto.ts';
import { PaymentDto, PaymentPageDto } from './payment.dto.ts';
import { PaymentsService } from './payments.service.ts';
import { ReversePaymentDto } from './reverse-payment.dto.ts';

@Controller('payments')
export class PaymentsController {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsService,
    private readonly charges: ImmediateCharges,
  ) {}

  @Post()
  @RequireScope('payments:write')
  @ApiCreatedResponse({ type: PaymentDto })
  async create(@Body() dto: CreatePaymentDto, @Caller() caller: Caller, @Once() once: Once): Promise<PaymentDto> {
    const request = requestOf(dto, caller.currency);
    if (request.kind !== 'charge') {
      return once(async (tx, { tenantId }) => PaymentDto.from(await this.payments.create(tx, tenantId, request)));
    }
    const charged = await this.charges.charge(caller.tenantId, request, async (begin) => {
      const { locator } = await once(async (tx) => PaymentDto.from(await begin(tx)));
      return locator;
    });
    return PaymentDto.from(charged);
  }

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentPageDto })
  async list(@Query() query: ListPaymentsQuery, @Caller() { tenantId }: Caller): Promise<PaymentPageDto> {
    const beforeId = decodeCursor(query.pagingToken, 'pagingToken');
    const page = { tenantId, filter: filterOf(query), beforeId, limit: query.pageSize + 1 };
    const found = await this.db.withTenant(tenantId, (tx) => this.payments.list(tx, page));
    const { rows, next } = keysetPage(found, query.pageSize, ({ id }) => id);
    return {
      payments: rows.map((payment) => PaymentDto.from(payment)),
      ...(next === null ? {} : { pagingToken: next }),
    };
  }

  @Get(':locator')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentDto })
  async get(@PathId('locator', 'payment') id: string, @Caller() { tenantId }: Caller): Promise<PaymentDto> {
    return PaymentDto.from(await this.db.withTenant(tenantId, (tx) => this.payments.get(tx, { tenantId, id })));
  }

  @Post(':locator/reverse')
  @HttpCode(200)
  @RequireScope('payments:write')
  @ApiBody({ type: ReversePaymentDto, required: false })
  @ApiOkResponse({ type: PaymentDto })
  reverse(
    @PathId('locator', 'payment') id: string,
    @Body() { name = null, details = null }: ReversePaymentDto,
    @Once() once: Once,
  ): Promise<PaymentDto> {
    return once(async (tx, { tenantId }) =>
      PaymentDto.from(await this.payments.reverse(tx, { tenantId, id }, { name, details })),
    );
  }
}
