import { Body, Controller, Get, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { newId } from '@quittance/service-kit/id';
import { PoliciesReader } from './policies-reader.service.ts';
import { PoliciesService } from './policies.service.ts';
import { ChangePaymentMethodDto, IssuePolicyDto, PolicyDto, termsOf } from './policy.dto.ts';
import type { IssuedPolicy } from './policy.view.ts';

@ApiTags('policies')
@Controller('policies')
export class PoliciesController {
  constructor(
    private readonly policies: PoliciesService,
    private readonly reader: PoliciesReader,
    private readonly db: Database,
  ) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: PolicyDto })
  issuePolicy(@Body() dto: IssuePolicyDto, @Once() once: Once): Promise<PolicyDto> {
    const terms = termsOf(dto);
    return once(async (tx, { tenantId }) =>
      PolicyDto.from(await this.policies.issue(tx, { tenantId, locator: newId(), terms })),
    );
  }

  @Get(':locator')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: PolicyDto })
  async getPolicy(@PathId('locator', 'policy') locator: string, @Caller() { tenantId }: Caller): Promise<PolicyDto> {
    const found = await this.db.snapshot(tenantId, (tx) => this.reader.find(tx, { tenantId, locator }));
    return answer(found, locator);
  }

  @Put(':locator/payment-method')
  @RequireScope('billing:write')
  @ApiOkResponse({ type: PolicyDto })
  async changePaymentMethod(
    @PathId('locator', 'policy') locator: string,
    @Body() { paymentMethodId }: ChangePaymentMethodDto,
    @Caller() { tenantId }: Caller,
  ): Promise<PolicyDto> {
    const changed = await this.db.withTenant(tenantId, async (tx) => {
      await this.policies.changePaymentMethod(tx, { tenantId, locator }, paymentMethodId);
      return this.reader.find(tx, { tenantId, locator });
    });
    return answer(changed, locator);
  }
}

function answer(found: IssuedPolicy | null, locator: string): PolicyDto {
  if (!found) throw notFound('policy', locator);
  return PolicyDto.from(found);
}
