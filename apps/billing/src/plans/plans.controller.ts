import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { notFound } from '@quittance/service-kit/http/problem';
import { isPlanName } from '../domain/plan.ts';
import { CreatePlanDto, PathPlanName, PlanDto, PlanPageDto, PlanQuery } from './plan.dto.ts';
import { PlansService } from './plans.service.ts';

@ApiTags('plans')
@Controller('plans')
export class PlansController {
  constructor(
    private readonly plans: PlansService,
    private readonly db: Database,
  ) {}

  /** The first version of a plan, or the next one of a name that there is. */
  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: PlanDto })
  createPlan(@Body() { name, ...config }: CreatePlanDto, @Once() once: Once): Promise<PlanDto> {
    return once(async (tx, { tenantId }) => PlanDto.from(await this.plans.create(tx, { tenantId, name }, config)));
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: PlanPageDto })
  async listPlans(@Query() { cursor, limit }: CursorQuery, @Caller() { tenantId }: Caller): Promise<PlanPageDto> {
    const after = decodeCursor(cursor, 'cursor', isPlanName);
    const all = await this.db.withTenant(tenantId, (tx) => this.plans.newest(tx, tenantId));
    // They are few, so the list is whole before a page is cut out of it. A cursor of a plan that is gone starts anew.
    const start = all.findIndex(({ plan }) => plan.name === after) + 1;
    const page = keysetPage(all.slice(start, start + limit + 1), limit, ({ plan }) => plan.name);
    return { items: page.rows.map((known) => PlanDto.from(known)), nextCursor: page.next };
  }

  @Get(':name')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: PlanDto })
  async getPlan(
    @PathPlanName() name: string,
    @Query() { version }: PlanQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<PlanDto> {
    const found = await this.db.withTenant(tenantId, (tx) => this.plans.find(tx, { tenantId, name }, version ?? null));
    if (!found) throw notFound('plan', name);
    return PlanDto.from(found);
  }
}
