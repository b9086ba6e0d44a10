import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { answering } from '@quittance/service-kit/database/idempotency';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { DomainError } from '../domain/errors.ts';
import { ChangePaymentDto, changeOf } from './change-payment.dto.ts';
import { ChangesService } from './changes.service.ts';
import { CreatePaymentDto, requestOf } from './create-payment.dto.ts';
import type { FollowUp } from './authorisations.service.ts';
import { ImmediateCharges } from './immediate-charges.ts';
import { ListPaymentsQuery, filterOf } from './list-payments.dto.ts';
import { NoBodyDto } from './no-body.dto.ts';
import { PaymentDto, PaymentPageDto } from './payment.dto.ts';
import { PaymentViews } from './payment-views.ts';
import { PaymentsService } from './payments.service.ts';
import { ReversePaymentDto } from './reverse-payment.dto.ts';

@Controller('payments')
export class PaymentsController {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsService,
    private readonly changes: ChangesService,
    private readonly charges: ImmediateCharges,
    private readonly views: PaymentViews,
  ) {}

  @Post()
  @RequireScope('payments:write')
  @ApiCreatedResponse({ type: PaymentDto })
  async create(@Body() dto: CreatePaymentDto, @Caller() caller: Caller, @Once() once: Once): Promise<PaymentDto> {
    const request = requestOf(dto, caller.currency);
    if (request.kind !== 'charge') {
      return once(async (tx, { tenantId }) => PaymentDto.from(await this.payments.create(tx, tenantId, request)));
    }
    return once.across(async ({ tenantId }) =>
      answering(await this.charges.charge(tenantId, request), (tx, payment) => this.views.of(tx, payment)),
    );
  }

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentPageDto })
  async list(@Query() query: ListPaymentsQuery, @Caller() { tenantId }: Caller): Promise<PaymentPageDto> {
    const beforeId = decodeCursor(query.pagingToken, 'pagingToken');
    const page = { tenantId, filter: filterOf(query), beforeId, limit: query.pageSize + 1 };
    return this.db.withTenant(tenantId, async (tx) => {
      const { rows, next } = keysetPage(await this.payments.list(tx, page), query.pageSize, ({ id }) => id);
      return { payments: await this.views.ofMany(tx, rows), ...(next === null ? {} : { pagingToken: next }) };
    });
  }

  @Get(':locator')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: PaymentDto })
  async get(@PathId('locator', 'payment') id: string, @Caller() { tenantId }: Caller): Promise<PaymentDto> {
    return this.db.withTenant(tenantId, async (tx) => this.views.of(tx, await this.payments.get(tx, { tenantId, id })));
  }

  @Patch(':locator')
  @RequireScope('payments:write')
  @ApiOkResponse({ type: PaymentDto })
  change(
    @PathId('locator', 'payment') id: string,
    @Body() dto: ChangePaymentDto,
    @Once() once: Once,
  ): Promise<PaymentDto> {
    const request = changeOf(dto);
    return once(async (tx, { tenantId }) =>
      this.views.of(tx, await this.changes.change(tx, { tenantId, id }, request)),
    );
  }

  @Post(':locator/capture')
  @HttpCode(200)
  @RequireScope('payments:write')
  @ApiBody({ type: NoBodyDto, required: false })
  @ApiOkResponse({ type: PaymentDto })
  capture(
    @PathId('locator', 'payment') id: string,
    @Body() _body: NoBodyDto,
    @Caller() { tenantId }: Caller,
    @Once({ required: true }) once: Once,
  ): Promise<PaymentDto> {
    return this.followUp({ tenantId, id }, 'capture', once);
  }

  @Post(':locator/void')
  @HttpCode(200)
  @RequireScope('payments:write')
  @ApiBody({ type: NoBodyDto, required: false })
  @ApiOkResponse({ type: PaymentDto })
  void(
    @PathId('locator', 'payment') id: string,
    @Body() _body: NoBodyDto,
    @Caller() { tenantId }: Caller,
    @Once({ required: true }) once: Once,
  ): Promise<PaymentDto> {
    return this.followUp({ tenantId, id }, 'void', once);
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
      this.views.of(tx, await this.payments.reverse(tx, { tenantId, id }, { name, details })),
    );
  }

  /** What the provider refused is kept under the key, too, so that a repetition is refused alike. */
  private async followUp(key: { tenantId: string; id: string }, operation: FollowUp, once: Once): Promise<PaymentDto> {
    const { payment, refusal } = await once.across(() =>
      answering(this.charges.followUp(key, operation), async (tx, answer) => ({
        ...answer,
        payment: await this.views.of(tx, answer.payment),
      })),
    );
    if (refusal) throw new DomainError(refusal.code, refusal.detail, { allowedActions: refusal.allowedActions });
    return payment;
  }
}
