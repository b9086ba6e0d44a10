import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { AdvanceTestClockDto, BusinessDateDto, TestClockDto } from './test-clock.dto.ts';
import { TestClocksService } from './test-clocks.service.ts';

@ApiTags('test clocks')
@Controller('test-clocks')
@RequireScope('admin:clock')
export class TestClocksController {
  constructor(private readonly clocks: TestClocksService) {}

  /** Many transactions and a long wait: none to keep an answer in. Asking again for a date reached changes nothing. */
  @Post('advance')
  @HttpCode(200)
  @ApiOkResponse({ type: BusinessDateDto })
  async advanceTestClock(@Body() dto: AdvanceTestClockDto, @Caller() { tenantId }: Caller): Promise<BusinessDateDto> {
    return { businessDate: await this.clocks.advance(tenantId, AdvanceTestClockDto.toAdvance(dto)) };
  }

  @Get()
  @ApiOkResponse({ type: TestClockDto })
  async getTestClock(@Caller() { tenantId }: Caller): Promise<TestClockDto> {
    const clock = await this.clocks.find(tenantId);
    if (!clock) return { businessDate: this.clocks.today(), running: false };
    return { businessDate: clock.businessDate, running: this.clocks.isRunning(clock) };
  }
}
