import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { invalidRequest, notFound } from '@quittance/service-kit/http/problem';
import type { ReconSet } from '../domain/item.ts';
import { reconSets, ruleFaults } from '../domain/match-rules.ts';
import { SetQuery } from './item.dto.ts';
import { CreateRunDto, MatchRuleDto, ReconRunDto, ReconRunPageDto } from './recon-run.dto.ts';
import { ReconSetDto, ReconSetsDto, RulesDto } from './recon-run.dto.ts';
import { ReconRunsService } from './recon-runs.service.ts';

@Controller()
export class ReconRunsController {
  constructor(
    private readonly db: Database,
    private readonly runs: ReconRunsService,
  ) {}

  @Get('recon-sets')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'What is matched with what, and by which rules' })
  @ApiOkResponse({ type: ReconSetsDto })
  async sets(@Caller() { tenantId }: Caller): Promise<ReconSetsDto> {
    const sets = await this.db.withTenant(tenantId, (tx) => this.runs.sets(tx, tenantId));
    return { items: sets.map(({ set, ...rules }) => ReconSetDto.from(set, rules)) };
  }

  @Put('recon-sets/:set/rules')
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Other rules for a set, from the next run on' })
  @ApiParam({ name: 'set', enum: reconSets })
  @ApiOkResponse({ type: ReconSetDto })
  change(@Param('set') set: string, @Body() dto: RulesDto, @Once() once: Once): Promise<ReconSetDto> {
    if (!isSet(set)) throw notFound('recon set', set.slice(0, 64));
    const rules = dto.rules.map((rule) => MatchRuleDto.toRule(rule));
    const faults = ruleFaults(rules);
    if (faults.length > 0) {
      throw invalidRequest(faults.map(({ index, field, detail }) => ({ pointer: `/rules/${index}/${field}`, detail })));
    }
    return once(async (tx, caller) => ReconSetDto.from(set, await this.runs.change(tx, caller, set, rules)));
  }

  @Post('recon-runs')
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Look at everything that is open of a set' })
  @ApiCreatedResponse({ type: ReconRunDto })
  start(@Body() { set, dryRun: isDry = false }: CreateRunDto, @Once() once: Once): Promise<ReconRunDto> {
    return once(async (tx, caller) => ReconRunDto.from(await this.runs.ask(tx, caller, set, isDry)));
  }

  @Get('recon-runs')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ReconRunPageDto })
  async list(@Caller() { tenantId }: Caller, @Query() { set, limit, cursor }: SetQuery): Promise<ReconRunPageDto> {
    const of = { set, limit, before: decodeCursor(cursor) };
    const found = await this.db.withTenant(tenantId, (tx) => this.runs.page(tx, tenantId, of));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((run) => ReconRunDto.from(run)), nextCursor: next };
  }

  @Get('recon-runs/:id')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ReconRunDto })
  async get(@PathId('id', 'recon run') id: string, @Caller() { tenantId }: Caller): Promise<ReconRunDto> {
    const run = await this.db.withTenant(tenantId, (tx) => this.runs.find(tx, tenantId, id));
    if (!run) throw notFound('recon run', id);
    return ReconRunDto.from(run);
  }
}

const isSet = (text: string): text is ReconSet => (reconSets as readonly string[]).includes(text);
