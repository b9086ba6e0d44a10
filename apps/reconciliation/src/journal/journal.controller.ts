import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { JournalEntryDto, JournalPageDto, JournalQuery } from './journal.dto.ts';
import { JournalService } from './journal.service.ts';
import { CreateEntryDto, ReverseEntryDto } from './manual-entry.dto.ts';
import { ManualEntriesService } from './manual-entries.service.ts';

@Controller('journal-entries')
export class JournalController {
  constructor(
    private readonly db: Database,
    private readonly journal: JournalService,
    private readonly manual: ManualEntriesService,
  ) {}

  @Get()
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'Journal entries, newest first' })
  @ApiOkResponse({ type: JournalPageDto })
  async list(@Caller() caller: Caller, @Query() query: JournalQuery): Promise<JournalPageDto> {
    const { cursor, limit } = query;
    const filter = { ...query.filter(), limit, before: decodeCursor(cursor) };
    const entries = await this.db.withTenant(caller.tenantId, (tx) => this.journal.page(tx, filter));
    const { rows, next } = keysetPage(entries, limit, ({ id }) => id);
    return { items: rows.map((entry) => JournalEntryDto.from(entry)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'A journal entry' })
  @ApiOkResponse({ type: JournalEntryDto })
  async get(@Caller() caller: Caller, @PathId('id', 'journal entry') id: string): Promise<JournalEntryDto> {
    const entry = await this.db.withTenant(caller.tenantId, (tx) => this.manual.find(tx, id));
    if (!entry) throw notFound('journal entry', id);
    return JournalEntryDto.from(entry);
  }

  @Post()
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Book an entry by hand', description: 'Its debits equal its credits.' })
  @ApiCreatedResponse({ type: JournalEntryDto })
  create(@Body() dto: CreateEntryDto, @Once({ required: true }) once: Once): Promise<JournalEntryDto> {
    const wanted = dto.wanted();
    return once(async (tx, caller) => JournalEntryDto.from(await this.manual.create(tx, caller, wanted)));
  }

  @Post(':id/reverse')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Undo an entry that was booked by hand', description: 'Answers the entry that undoes it.' })
  @ApiOkResponse({ type: JournalEntryDto })
  reverse(
    @PathId('id', 'journal entry') id: string,
    @Body() dto: ReverseEntryDto,
    @Once({ required: true }) once: Once,
  ): Promise<JournalEntryDto> {
    return once(async (tx, { clientId: bookedBy }) => {
      const undoing = { effectiveOn: dto.effectiveDate, description: dto.description, bookedBy };
      const entry = await this.manual.reverse(tx, id, undoing);
      if (!entry) throw notFound('journal entry', id);
      return JournalEntryDto.from(entry);
    });
  }
}
