import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { isUuid, PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { PreviewScheduleDto, termsOf } from '../policies/policy.dto.ts';
import { PlanningService } from './planning.service.ts';
import {
  InstalmentPageDto,
  InstalmentsQuery,
  PastInstalmentDto,
  ScheduleDto,
  SchedulePageDto,
  SchedulePreviewDto,
  SchedulesQuery,
  ScheduleSummaryDto,
} from './schedule.dto.ts';
import { SchedulesService } from './schedules.service.ts';

@ApiTags('schedules')
@Controller('schedules')
export class SchedulesController {
  constructor(
    private readonly schedules: SchedulesService,
    private readonly planning: PlanningService,
    private readonly db: Database,
  ) {}

  /** Stores nothing, so it needs no key. */
  @Post('preview')
  @HttpCode(200)
  @RequireScope('billing:read')
  @ApiOkResponse({ type: SchedulePreviewDto })
  async previewSchedule(@Body() dto: PreviewScheduleDto, @Caller() { tenantId }: Caller): Promise<SchedulePreviewDto> {
    const terms = termsOf({ ...dto, plan: dto.plan ?? '' });
    if (dto.plan === undefined) {
      const offers = await this.db.snapshot(tenantId, (tx) => this.planning.offers(tx, tenantId, terms));
      return SchedulePreviewDto.offers(offers, terms.currency);
    }
    const asked = { tenantId, terms };
    const planning = await this.db.snapshot(tenantId, (tx) => this.planning.of(tx, [asked]));
    return SchedulePreviewDto.schedule(planning.plan(asked), terms);
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: SchedulePageDto })
  async listSchedules(@Query() query: SchedulesQuery, @Caller() { tenantId }: Caller): Promise<SchedulePageDto> {
    const { policyLocator = null, limit } = query;
    const before = decodeCursor(query.cursor);
    // Opaque to us, so any text may be asked for; what is no id has no schedule.
    if (policyLocator !== null && !isUuid(policyLocator)) return { items: [], nextCursor: null };
    const rows = await this.db.withTenant(tenantId, (tx) =>
      this.schedules.page(tx, tenantId, { policyLocator, before, limit }),
    );
    const page = keysetPage(rows, limit, ({ id }) => id);
    return { items: page.rows.map((schedule) => ScheduleSummaryDto.of(schedule)), nextCursor: page.next };
  }

  @Get(':id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: ScheduleDto })
  async getSchedule(@PathId('id', 'schedule') id: string, @Caller() { tenantId }: Caller): Promise<ScheduleDto> {
    const found = await this.db.snapshot(tenantId, (tx) => this.schedules.find(tx, { tenantId, id }));
    if (!found) throw notFound('schedule', id);
    return ScheduleDto.from(found);
  }

  /** Of all that it ever had, what was cut out of it included. */
  @Get(':id/instalments')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: InstalmentPageDto })
  async listInstalments(
    @PathId('id', 'schedule') id: string,
    @Query() { state, limit, cursor }: InstalmentsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<InstalmentPageDto> {
    const after = placeOf(decodeCursor(cursor, 'cursor', (key) => placeOf(key) !== null));
    const view = await this.db.snapshot(tenantId, (tx) =>
      this.schedules.instalmentsOf(tx, { tenantId, id }, { state: state ?? null, after, limit }),
    );
    if (!view) throw notFound('schedule', id);
    const page = keysetPage(view.instalments, limit, (each) => `${each.number} ${each.id}`);
    return { items: page.rows.map((each) => PastInstalmentDto.of(each, view)), nextCursor: page.next };
  }
}

/** Numbers are given again, so the id stands beside it. */
function placeOf(key: string | null) {
  const [number = '', id = ''] = key?.split(' ') ?? [];
  return /^\d{1,9}$/.test(number) && isUuid(id) ? { number: Number(number), id } : null;
}
