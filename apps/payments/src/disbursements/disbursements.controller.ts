import { Body, Controller, Get, HttpCode, Post, Query, applyDecorators } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import type { DisbursementEvent } from '../domain/disbursement.ts';
import { DisbursementsService } from './disbursements.service.ts';
import type { Ordered } from './disbursements.service.ts';
import { DisbursementDto, DisbursementPageDto, ExecuteDisbursementDto } from './disbursement.dto.ts';
import { FailDisbursementDto, ListDisbursementsQuery, ValidateDisbursementDto } from './disbursement.dto.ts';

/** A move of a disbursement: `POST /disbursements/{id}/<action>` answers the disbursement as it is now. */
function Move(action: string): MethodDecorator {
  return applyDecorators(
    Post(`:id/${action}`),
    HttpCode(200),
    RequireScope('payments:write'),
    ApiOkResponse({ type: DisbursementDto }),
  );
}

const Id = () => PathId('id', 'disbursement');

@Controller('disbursements')
export class DisbursementsController {
  constructor(
    private readonly db: Database,
    private readonly disbursements: DisbursementsService,
  ) {}

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: DisbursementPageDto })
  async list(@Query() query: ListDisbursementsQuery, @Caller() { tenantId }: Caller): Promise<DisbursementPageDto> {
    const { state, policyLocator, limit } = query;
    const page = { tenantId, filter: { state, policyLocator }, beforeId: decodeCursor(query.cursor), limit: limit + 1 };
    const found = await this.db.withTenant(tenantId, (tx) => this.disbursements.list(tx, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((disbursement) => DisbursementDto.from(disbursement)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('payments:read')
  @ApiOkResponse({ type: DisbursementDto })
  async get(@Id() id: string, @Caller() { tenantId }: Caller): Promise<DisbursementDto> {
    return DisbursementDto.from(
      await this.db.withTenant(tenantId, (tx) => this.disbursements.get(tx, { tenantId, id })),
    );
  }

  @Move('validate')
  validate(
    @Id() id: string,
    @Body() { method }: ValidateDisbursementDto,
    @Once() once: Once,
  ): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'validate', method: method ?? undefined });
  }

  @Move('approve')
  approve(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'approve' });
  }

  @Move('reset')
  reset(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'reset' });
  }

  @Move('reject')
  reject(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'reject' });
  }

  @Move('discard')
  discard(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'discard' });
  }

  @Move('execute')
  execute(
    @Id() id: string,
    @Body() { reference }: ExecuteDisbursementDto,
    @Once() once: Once,
  ): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'execute', reference: reference ?? undefined });
  }

  @Move('issue')
  issue(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'issue' });
  }

  @Move('fail')
  fail(@Id() id: string, @Body() { code }: FailDisbursementDto, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'fail', failureCode: code ?? undefined });
  }

  @Move('clear')
  clear(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'clear' });
  }

  @Move('void')
  void(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'void' });
  }

  @Move('mark-stale')
  markStale(@Id() id: string, @Once() once: Once): Promise<DisbursementDto> {
    return this.order(once, id, { event: 'mark_stale' });
  }

  private order(once: Once, id: string, asked: Omit<Ordered, 'by'> & { event: DisbursementEvent }) {
    return once(async (tx, { tenantId, clientId: by }) =>
      DisbursementDto.from(await this.disbursements.order(tx, { tenantId, id }, { ...asked, by })),
    );
  }
}
