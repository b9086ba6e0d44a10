import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { MatchListsService } from './match-lists.service.ts';
import { ItemDto, ItemPageDto, ItemsQuery, SetQuery, SuggestionDto, SuggestionPageDto } from './item.dto.ts';
import { CreateMatchDto, MatchDto, MatchesQuery, MatchPageDto, RejectDto, UnmatchDto } from './match.dto.ts';
import type { Match } from './match.ts';
import { MatchesService } from './matches.service.ts';

const isItemId = (text: string) => /^\d{1,18}$/.test(text);

@Controller()
export class MatchesController {
  constructor(
    private readonly db: Database,
    private readonly matches: MatchesService,
    private readonly lists: MatchListsService,
  ) {}

  @Get('recon-items')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What is open of a side, oldest first' })
  @ApiOkResponse({ type: ItemPageDto })
  async items(@Caller() { tenantId }: Caller, @Query() query: ItemsQuery): Promise<ItemPageDto> {
    const { set, side, limit, cursor } = query;
    const of = { set, side, limit, after: decodeCursor(cursor, 'cursor', isItemId) };
    const found = await this.db.withTenant(tenantId, (tx) => this.lists.openItems(tx, tenantId, of));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((item) => ItemDto.from(item)), nextCursor: next };
  }

  @Get('suggestions')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What might be matched, and what speaks for it' })
  @ApiOkResponse({ type: SuggestionPageDto })
  async suggestions(@Caller() { tenantId }: Caller, @Query() { set, limit, cursor }: SetQuery) {
    const of = { set, limit, before: decodeCursor(cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.lists.suggestions(tx, tenantId, of));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((each) => SuggestionDto.from(each)), nextCursor: next };
  }

  @Post('suggestions/:id/reject')
  @HttpCode(204)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Not this one: it is never offered again' })
  @ApiNoContentResponse()
  reject(@PathId('id', 'suggestion') id: string, @Body() { reason }: RejectDto, @Once() once: Once): Promise<void> {
    return once(async (tx, { tenantId, clientId }) => {
      const isRejected = await this.matches.reject(tx, { tenantId, id, actor: clientId, reason });
      if (!isRejected) throw notFound('suggestion', id);
    });
  }

  @Get('matches')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: MatchPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() query: MatchesQuery): Promise<MatchPageDto> {
    const { set, state, limit } = query;
    const of = { set, state, limit, before: decodeCursor(query.cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.lists.page(tx, tenantId, of));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((match) => MatchDto.from(match)), nextCursor: next };
  }

  @Get('matches/:id')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: MatchDto })
  async get(@PathId('id', 'match') id: string, @Caller() { tenantId }: Caller): Promise<MatchDto> {
    const match = await this.db.withTenant(tenantId, (tx) => this.lists.find(tx, tenantId, id));
    if (!match) throw notFound('match', id);
    return MatchDto.from(match);
  }

  @Post('matches')
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Match by hand; above a limit a second client confirms it' })
  @ApiCreatedResponse({ type: MatchDto })
  create(@Body() { items, differenceReason, note }: CreateMatchDto, @Once() once: Once) {
    return once(async (tx, { tenantId, clientId: actor }) => {
      const wish = { tenantId, actor, items, note: note ?? null, differenceReason: differenceReason ?? null };
      return MatchDto.from(await this.matches.create(tx, wish));
    });
  }

  @Post('matches/:id/confirm')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOkResponse({ type: MatchDto })
  confirm(@PathId('id', 'match') id: string, @Once() once: Once): Promise<MatchDto> {
    return once(async (tx, { tenantId, clientId }) => {
      const match = await this.held(tx, tenantId, id);
      return MatchDto.from(await this.matches.confirm(tx, match, clientId));
    });
  }

  @Post('matches/:id/unmatch')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Take a match back, or decline one that waits' })
  @ApiOkResponse({ type: MatchDto })
  unmatch(@PathId('id', 'match') id: string, @Body() { reason, reject = true }: UnmatchDto, @Once() once: Once) {
    return once(async (tx, { tenantId, clientId: actor }) => {
      const match = await this.held(tx, tenantId, id);
      return MatchDto.from(await this.matches.end(tx, match, { actor, reason, reject }));
    });
  }

  private async held(tx: Tx, tenantId: string, id: string): Promise<Match> {
    const match = await this.matches.lock(tx, tenantId, id);
    if (!match) throw notFound('match', id);
    return match;
  }
}
