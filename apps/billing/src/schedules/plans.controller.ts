import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { builtInPlans } from '../domain/plan.ts';
import { PlanDto, PlanPageDto } from './schedule.dto.ts';

@ApiTags('plans')
@Controller('plans')
export class PlansController {
  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: PlanPageDto })
  listPlans(): PlanPageDto {
    return { items: builtInPlans.map((plan) => PlanDto.from(plan)), nextCursor: null };
  }
}
