import { Body, Controller, Get, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { CreateExportDto, ExportContentQuery, ExportDto, ExportPageDto, ExportsQuery } from './export.dto.ts';
import { ExportsService } from './exports.service.ts';
import { fileName } from './gl-export.ts';

/** A file to be kept, not a page to be shown, whatever others named their policies. */
const INERT = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cache-control': 'private, no-cache',
};

@ApiTags('exports')
@Controller('exports')
export class ExportsController {
  constructor(
    private readonly db: Database,
    private readonly exports: ExportsService,
  ) {}

  @Post()
  @RequireScope('recon:write')
  @ApiOperation({ summary: 'Writes a range of the books for another program' })
  @ApiCreatedResponse({ type: ExportDto })
  create(@Body() dto: CreateExportDto, @Once() once: Once): Promise<ExportDto> {
    const wish = CreateExportDto.toWish(dto);
    return once(async (tx, { tenantId }) => ExportDto.from(await this.exports.create(tx, tenantId, wish)));
  }

  @Get()
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ExportPageDto })
  async list(@Query() { cursor, limit }: ExportsQuery, @Caller() { tenantId }: Caller): Promise<ExportPageDto> {
    const before = decodeCursor(cursor);
    const found = await this.db.withTenant(tenantId, (tx) => this.exports.page(tx, before, limit));
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((each) => ExportDto.from(each)), nextCursor: next };
  }

  @Get(':id')
  @RequireScope('recon:read')
  @ApiOkResponse({ type: ExportDto })
  async get(@PathId('id', 'export') id: string, @Caller() { tenantId }: Caller): Promise<ExportDto> {
    const found = await this.db.withTenant(tenantId, (tx) => this.exports.find(tx, id));
    if (!found) throw notFound('export', id);
    return ExportDto.from(found);
  }

  @Get(':id/content')
  @RequireScope('recon:read')
  @ApiProduces('text/plain', 'text/csv', 'application/json')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async content(
    @PathId('id', 'export') id: string,
    @Query() { part }: ExportContentQuery,
    @Caller() { tenantId }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const [found, file] = await this.db.withTenant(tenantId, (tx) =>
      Promise.all([this.exports.find(tx, id), this.exports.content(tx, id, part)]),
    );
    if (!found) throw notFound('export', id);
    if (!file) throw notFound('part', `${part} of the export`);
    void reply.headers(INERT);
    const disposition = `attachment; filename="${fileName(found, part, file.extension)}"`;
    return new StreamableFile(file.content, { type: file.contentType, disposition, length: file.content.length });
  }
}
