import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { refuseCardData } from '@quittance/service-kit/http/card-data';
import { receiveFile, TakesFile } from '@quittance/service-kit/http/file-body';
import { Once } from '@quittance/service-kit/http/once';
import { ReconciliationConfig } from '../config.ts';
import { TakenFileDto } from './file.dto.ts';
import type { FormatReader } from './format-reader.ts';
import { IntakeService } from './intake.service.ts';
import { UploadGate } from './upload-gate.ts';

const NAME_LENGTH_MAX = 255;
const binary = { schema: { type: 'string', format: 'binary' } } as const;
const created = { type: TakenFileDto, description: 'The file was read, and what is in it stored.' };
const known = { type: TakenFileDto, description: 'The same bytes came before, and nothing was changed.' };

@Controller()
export class UploadsController {
  constructor(
    private readonly intake: IntakeService,
    private readonly gate: UploadGate,
    private readonly config: ReconciliationConfig,
  ) {}

  @Post('remittances')
  @TakesFile()
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Take in an 835 of a payer' })
  @ApiConsumes('application/edi-x12', 'application/octet-stream')
  @ApiBody(binary)
  @ApiCreatedResponse(created)
  @ApiOkResponse(known)
  takeRemittance(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Once() once: Once,
  ): Promise<TakenFileDto> {
    return this.take('remittances', { request, reply, once });
  }

  @Post('bank-statements')
  @TakesFile()
  @RequireScope('recon:write')
  @ApiOperation({ summary: "Take in a bank's statement, a file of ACH entries or a processor's report" })
  @ApiConsumes('application/octet-stream', 'application/xml', 'text/csv', 'text/plain')
  @ApiBody(binary)
  @ApiCreatedResponse(created)
  @ApiOkResponse(known)
  takeBankStatement(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Once() once: Once,
  ): Promise<TakenFileDto> {
    return this.take('bank-statements', { request, reply, once });
  }

  private take(route: FormatReader['route'], { request, reply, once }: Exchange): Promise<TakenFileDto> {
    const limit = this.config.fileBytesMax;
    const declared = Number(request.headers['content-length'] ?? limit);
    return this.gate.hold(Math.min(declared, limit), async () => {
      const { bytes, name } = await receiveFile(request, limit);
      refuseCardData(request, { body: { name } });
      const file = this.intake.inspect(route, bytes, name?.slice(0, NAME_LENGTH_MAX) ?? null);
      const taken = await once(async (tx, { tenantId }) =>
        TakenFileDto.from(await this.intake.take(tx, tenantId, file)),
      );
      if (taken.duplicate) void reply.status(200);
      return taken;
    });
  }
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly once: Once;
}
