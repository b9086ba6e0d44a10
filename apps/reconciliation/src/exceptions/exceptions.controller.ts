import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { invalidRequest, notFound } from '@quittance/service-kit/http/problem';
import { AgeingDto, ExceptionCaseDto } from './exception-case.dto.ts';
import { ExceptionDto, ExceptionPageDto, ExceptionsQuery, PatchExceptionDto } from './exception.dto.ts';
import { ReopenExceptionDto, ResolveExceptionDto } from './exception.dto.ts';
import { ExceptionListsService } from './exception-lists.service.ts';
import { ExceptionsService } from './exceptions.service.ts';
import type { Wish } from './exceptions.service.ts';

@Controller('exceptions')
export class ExceptionsController {
  constructor(
    private readonly db: Database,
    private readonly exceptions: ExceptionsService,
    private readonly lists: ExceptionListsService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What people have to look at, newest first' })
  @ApiOkResponse({ type: ExceptionPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: ExceptionsQuery): Promise<ExceptionPageDto> {
    const { cursor, ...filter } = query;
    const wish = { ...filter, before: decodeCursor(cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.lists.page(tx, tenantId, wish));
    const { rows, next } = keysetPage(found, query.limit, ({ id }) => id);
    return { items: rows.map((each) => ExceptionDto.from(each)), nextCursor: next };
  }

  @Get('ageing')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'How old the open ones are, by type and working days' })
  @ApiOkResponse({ type: AgeingDto })
  async ageing(@Caller() { tenantId }: Caller): Promise<AgeingDto> {
    return AgeingDto.from(await this.db.withTenant(tenantId, (tx) => this.lists.ageing(tx, tenantId)));
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'An exception with its history' })
  @ApiOkResponse({ type: ExceptionCaseDto })
  get(@PathId('id', 'exception') id: string, @Caller() { tenantId }: Caller): Promise<ExceptionCaseDto> {
    return this.db.snapshot(tenantId, (tx) => this.show(tx, { tenantId, id }));
  }

  @Patch(':id')
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Give it to somebody, let it wait, or remark something' })
  @ApiOkResponse({ type: ExceptionCaseDto })
  patch(@PathId('id', 'exception') id: string, @Body() dto: PatchExceptionDto, @Once() once: Once) {
    const wishes = wishesOf(dto);
    return once((tx, { tenantId, clientId }) => this.step(tx, { tenantId, id, actor: clientId }, wishes));
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOkResponse({ type: ExceptionCaseDto })
  resolve(@PathId('id', 'exception') id: string, @Body() dto: ResolveExceptionDto, @Once() once: Once) {
    const { resolution, note } = dto;
    const wish = { action: 'resolve', resolution, note } as const;
    return once((tx, { tenantId, clientId }) => this.step(tx, { tenantId, id, actor: clientId }, [wish]));
  }

  @Post(':id/reopen')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOkResponse({ type: ExceptionCaseDto })
  reopen(@PathId('id', 'exception') id: string, @Body() { reason: note }: ReopenExceptionDto, @Once() once: Once) {
    const wish = { action: 'reopen', note } as const;
    return once((tx, { tenantId, clientId }) => this.step(tx, { tenantId, id, actor: clientId }, [wish]));
  }

  private async step(tx: Tx, { actor, ...key }: Doing, wishes: readonly (Wish | Remark)[]): Promise<ExceptionCaseDto> {
    let exception = await this.exceptions.lock(tx, key);
    if (!exception) throw notFound('exception', key.id);
    for (const wish of wishes) {
      if (wish.action === 'note') await this.exceptions.remark(tx, exception, { ...wish, actor });
      else exception = await this.exceptions.step(tx, exception, { ...wish, actor });
    }
    return this.show(tx, key);
  }

  private async show(tx: Tx, key: { tenantId: string; id: string }): Promise<ExceptionCaseDto> {
    const found = await this.exceptions.get(tx, key);
    if (!found) throw notFound('exception', key.id);
    return ExceptionCaseDto.of(found);
  }
}

interface Doing {
  readonly tenantId: string;
  readonly id: string;
  readonly actor: string;
}
interface Remark {
  readonly action: 'note';
  readonly note: string;
}

/** In this order; what is said beside them is said of the last. */
function wishesOf({ assignee, state, note }: PatchExceptionDto): (Wish | Remark)[] {
  const wishes: Wish[] = [];
  if (assignee !== undefined) wishes.push(assignee === null ? { action: 'unassign' } : { action: 'assign', assignee });
  if (state !== undefined) wishes.push({ action: 'ask_info' });
  const last = wishes.pop();
  if (last) return [...wishes, { ...last, note }];
  if (note === undefined) throw invalidRequest([{ pointer: '', detail: 'must have assignee, state or note' }]);
  return [{ action: 'note', note }];
}
