import { Controller, Delete, Get, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiCreatedResponse, ApiHeader, ApiOkResponse, ApiProduces } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Database } from '@quittance/service-kit/database/database';
import { callerOf, RequireScope } from '@quittance/service-kit/http/auth';
import { refuseCardData } from '@quittance/service-kit/http/card-data';
import { receiveFile, TakesFile } from '@quittance/service-kit/http/file-body';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { PaymentsConfig } from '../config.ts';
import { fileName, mediaTypes } from '../domain/media.ts';
import { PaymentsService } from '../payments/payments.service.ts';
import { checkContentDigest } from './content-digest.ts';
import { inspectFile } from './inspect-file.ts';
import { AddMediaQuery, MediaDto } from './media.dto.ts';
import { MediaService } from './media.service.ts';

/** A page in a file must not run under our name: it is saved, not shown, and may load nothing. */
const INERT = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  'cache-control': 'private, no-cache',
};

@Controller('payments/:locator/media')
export class MediaController {
  constructor(
    private readonly db: Database,
    private readonly payments: PaymentsService,
    private readonly media: MediaService,
    private readonly config: PaymentsConfig,
  ) {}

  @Post()
  @TakesFile()
  @RequireScope('payments:write')
  @ApiConsumes(...mediaTypes)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiHeader({ name: 'Content-Digest', required: false, description: 'sha-256 of the body (RFC 9530).' })
  @ApiCreatedResponse({ type: MediaDto, description: 'Also for the same bytes again, which are the same media.' })
  async add(
    @PathId('locator', 'payment') paymentId: string,
    @Query() query: AddMediaQuery,
    @Req() request: FastifyRequest,
    @Once() once: Once,
  ): Promise<MediaDto> {
    const { tenantId } = callerOf(request);
    // Before the body is read: who may not know of the payment need not send a file.
    await this.db.withTenant(tenantId, (tx) => this.payments.get(tx, { tenantId, id: paymentId }));
    const { bytes, contentType, name = query.name } = await receiveFile(request, this.config.mediaBytesMax);
    refuseCardData(request, { body: { name } });
    checkContentDigest(request, bytes);
    const file = { ...(await inspectFile(bytes, contentType)), name: fileName(name, contentType) };
    return once(async (tx) => MediaDto.from(await this.media.add(tx, { tenantId, paymentId }, file)));
  }

  @Get(':mediaLocator')
  @RequireScope('payments:read')
  @ApiProduces(...mediaTypes)
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async get(
    @PathId('locator', 'payment') paymentId: string,
    @PathId('mediaLocator', 'media') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const { tenantId } = callerOf(request);
    const key = { tenantId, paymentId, id };
    const { media, bytes } = await this.db.withTenant(tenantId, (tx) => this.media.get(tx, key));
    const etag = `"${media.sha256}"`;
    void reply.headers({ ...INERT, etag });
    if (request.headers['if-none-match'] === etag) {
      void reply.status(304);
      return undefined;
    }
    return new StreamableFile(bytes, {
      type: media.contentType,
      disposition: asAttachment(media.name),
      length: bytes.length,
    });
  }

  @Delete(':mediaLocator')
  @RequireScope('payments:write')
  @ApiOkResponse({ type: MediaDto })
  remove(
    @PathId('locator', 'payment') paymentId: string,
    @PathId('mediaLocator', 'media') id: string,
    @Once() once: Once,
  ): Promise<MediaDto> {
    return once(async (tx, { tenantId }) => MediaDto.from(await this.media.remove(tx, { tenantId, paymentId, id })));
  }
}

/** RFC 6266: the name in ASCII for old clients, and as it is. */
function asAttachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|[%\\]/g, '_');
  const exact = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
