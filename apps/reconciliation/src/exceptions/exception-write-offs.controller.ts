import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Tx } from '@quittance/service-kit/database/tx';
import { RequireScope } from '@quittance/service-kit/http/auth';
import type { Caller } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { ExceptionCaseDto } from './exception-case.dto.ts';
import { ReopenExceptionDto, WriteOffExceptionDto } from './exception.dto.ts';
import { ExceptionsService } from './exceptions.service.ts';
import { ExceptionWriteOffsService } from './exception-write-offs.service.ts';
import type { WorkException } from './work-exception.ts';

@Controller('exceptions/:id/write-off')
export class ExceptionWriteOffsController {
  constructor(
    private readonly exceptions: ExceptionsService,
    private readonly writeOffs: ExceptionWriteOffsService,
  ) {}

  @Post()
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Look for a difference no more; above the tolerance others have to approve' })
  @ApiOkResponse({ type: ExceptionCaseDto })
  request(@PathId('id', 'exception') id: string, @Body() dto: WriteOffExceptionDto, @Once() once: Once) {
    const { reason, account } = dto;
    return once((tx, caller) =>
      this.on(tx, caller, id, (found, actor) => this.writeOffs.request(tx, found, { actor, reason, account })),
    );
  }

  @Post('approve')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOkResponse({ type: ExceptionCaseDto })
  approve(@PathId('id', 'exception') id: string, @Once() once: Once): Promise<ExceptionCaseDto> {
    return once((tx, caller) =>
      this.on(tx, caller, id, (found, actor) => this.writeOffs.approve(tx, found, { actor })),
    );
  }

  @Post('reject')
  @HttpCode(200)
  @RequireScope('recon:write')
  @ApiOkResponse({ type: ExceptionCaseDto })
  reject(@PathId('id', 'exception') id: string, @Body() { reason }: ReopenExceptionDto, @Once() once: Once) {
    return once((tx, caller) =>
      this.on(tx, caller, id, (found, actor) => this.writeOffs.reject(tx, found, { actor, reason })),
    );
  }

  private async on(
    tx: Tx,
    { tenantId, clientId }: Caller,
    id: string,
    work: (found: WorkException, actor: string) => Promise<void>,
  ): Promise<ExceptionCaseDto> {
    const locked = await this.exceptions.lock(tx, { tenantId, id });
    if (!locked) throw notFound('exception', id);
    await work(locked, clientId);
    const shown = await this.exceptions.get(tx, { tenantId, id });
    if (!shown) throw notFound('exception', id);
    return ExceptionCaseDto.of(shown);
  }
}
