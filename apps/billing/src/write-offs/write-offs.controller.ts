import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { CreateWriteOffDto, WriteOffDto, WriteOffPageDto, WriteOffsQuery } from './write-off.dto.ts';
import { WriteOffsService } from './write-offs.service.ts';

@ApiTags('write-offs')
@Controller('write-offs')
export class WriteOffsController {
  constructor(
    private readonly writeOffs: WriteOffsService,
    private readonly db: Database,
  ) {}

  @Post()
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: WriteOffDto })
  createWriteOff(@Body() dto: CreateWriteOffDto, @Once() once: Once): Promise<WriteOffDto> {
    const wanted = CreateWriteOffDto.toNew(dto);
    return once(async (tx, { tenantId }) => WriteOffDto.from(await this.writeOffs.create(tx, tenantId, wanted)));
  }

  @Post(':id/reverse')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: WriteOffDto })
  reverseWriteOff(@PathId('id', 'write-off') id: string, @Once() once: Once): Promise<WriteOffDto> {
    return once(async (tx, { tenantId }) => {
      const reversed = await this.writeOffs.reverse(tx, { tenantId, id });
      if (!reversed) throw notFound('write-off', id);
      return WriteOffDto.from(reversed);
    });
  }

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: WriteOffPageDto })
  async listWriteOffs(
    @Query() { invoiceLocator, state, cursor, limit }: WriteOffsQuery,
    @Caller() { tenantId }: Caller,
  ): Promise<WriteOffPageDto> {
    const page = { invoiceId: invoiceLocator ?? null, state: state ?? null, before: decodeCursor(cursor), limit };
    const found = await this.db.withTenant(tenantId, (tx) => this.writeOffs.page(tx, tenantId, page));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((writeOff) => WriteOffDto.from(writeOff)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: WriteOffDto })
  async getWriteOff(@PathId('id', 'write-off') id: string, @Caller() { tenantId }: Caller): Promise<WriteOffDto> {
    const found = await this.db.withTenant(tenantId, (tx) => this.writeOffs.find(tx, { tenantId, id }));
    if (!found) throw notFound('write-off', id);
    return WriteOffDto.from(found);
  }
}
