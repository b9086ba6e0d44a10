import { Readable } from 'node:stream';
import { Controller, Get, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, Public, RequireScope } from '@quittance/service-kit/http/auth';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import { FileAddressDto, FileDto } from './file.dto.ts';
import type { StoredFile } from './stored-file.ts';
import { FilesService } from './files.service.ts';
import { SealedFiles } from './sealed-files.ts';

const ANY = 'application/octet-stream';
/** Somebody else wrote it: it is saved, never shown, and no cache keeps it. */
const INERT = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cache-control': 'private, no-store',
};
const content = { schema: { type: 'string', format: 'binary' } } as const;

@Controller()
export class FilesController {
  constructor(
    private readonly db: Database,
    private readonly files: FilesService,
    private readonly sealed: SealedFiles,
  ) {}

  @Get('files/:id')
  @RequireScope('recon:read')
  @ApiOperation({ summary: 'A file that came in, and what was read in it' })
  @ApiOkResponse({ type: FileDto })
  async get(@PathId('id', 'file') id: string, @Caller() { tenantId }: Caller): Promise<FileDto> {
    const file = await this.db.withTenant(tenantId, (tx) => this.files.find(tx, { tenantId, id }));
    return FileDto.from(found(file, id));
  }

  @Get('files/:id/raw')
  @RequireScope('recon:files')
  @ApiOperation({ summary: 'Its bytes as they came; who reads them is written down' })
  @ApiProduces(ANY)
  @ApiOkResponse(content)
  async raw(
    @PathId('id', 'file') id: string,
    @Caller() { tenantId, clientId }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const file = await this.db.withTenant(tenantId, (tx) => this.files.open(tx, { tenantId, id }, clientId));
    return this.send(found(file, id), reply);
  }

  @Get('files/:id/url')
  @RequireScope('recon:files')
  @ApiOperation({ summary: 'An address of its bytes that is good for five minutes' })
  @ApiOkResponse({ type: FileAddressDto })
  async url(@PathId('id', 'file') id: string, @Caller() { tenantId, clientId }: Caller): Promise<FileAddressDto> {
    const address = await this.db.withTenant(tenantId, (tx) => this.files.address(tx, { tenantId, id }, clientId));
    return FileAddressDto.from(found(address, id));
  }

  @Get('file-downloads/:token')
  @Public()
  @ApiOperation({ summary: 'The bytes of a file, by an address that `GET /files/{id}/url` gave' })
  @ApiProduces(ANY)
  @ApiOkResponse(content)
  async download(
    @Param('token') token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const grant = this.files.grantOf(token);
    const file = grant && (await this.db.withTenant(grant.tenantId, (tx) => this.files.openGranted(tx, grant)));
    return this.send(found(file, 'at this address'), reply);
  }

  private send(file: StoredFile, reply: FastifyReply): StreamableFile {
    void reply.headers(INERT);
    return new StreamableFile(Readable.from(this.sealed.read(file), { objectMode: false }), {
      type: ANY,
      // The name that its sender gave it may say whose it is.
      disposition: `attachment; filename="${file.format}-${file.id}"`,
      length: file.bytes,
    });
  }
}

function found<T>(thing: T | null, id: string): T {
  if (thing === null) throw notFound('file', id);
  return thing;
}
