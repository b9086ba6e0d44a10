import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { paperPage, paperPolicy } from '@quittance/service-kit/http/paper';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { PathId } from '@quittance/service-kit/http/path-id';
import { preferredType } from './media-type.ts';
import { receiptPdf } from './receipt-pdf.ts';
import { receiptText } from './receipt-text.ts';
import { ListReceiptsQuery, ReceiptDto, ReceiptItemDto, ReceiptPageDto } from './receipt.dto.ts';
import { ReceiptsService } from './receipts.service.ts';

@Controller('receipts')
@ApiExtraModels(ReceiptDto)
export class ReceiptsController {
  constructor(
    private readonly db: Database,
    private readonly receipts: ReceiptsService,
  ) {}

  @Get()
  @RequireScope('payments:read')
  @ApiOkResponse({ type: ReceiptPageDto })
  async list(@Query() query: ListReceiptsQuery, @Caller() { tenantId }: Caller): Promise<ReceiptPageDto> {
    const { paymentLocator: paymentId, limit } = query;
    const page = { tenantId, beforeId: decodeCursor(query.cursor), limit: limit + 1 };
    const found = await this.db.withTenant(tenantId, (tx) =>
      this.receipts.list(tx, paymentId === undefined ? page : { ...page, paymentId }),
    );
    const { rows, next } = keysetPage(found, limit, ({ id }) => id);
    return { items: rows.map((receipt) => ReceiptItemDto.from(receipt)), nextCursor: next };
  }

  /** For a program, a reader and a printer: which one is asked for by `Accept`. */
  @Get(':id')
  @RequireScope('payments:read')
  @ApiOkResponse({
    description: 'As `Accept` asks: data, a page, or a PDF.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ReceiptDto) } },
      'text/html': { schema: { type: 'string' } },
      'application/pdf': { schema: { type: 'string', format: 'binary' } },
    },
  })
  async get(
    @PathId('id', 'receipt') id: string,
    @Caller() { tenantId }: Caller,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReceiptDto | string | Buffer> {
    const copy = await this.db.withTenant(tenantId, (tx) => this.receipts.copy(tx, { tenantId, id }));
    const receipt = ReceiptDto.of(copy);
    void reply.header('vary', 'accept');
    switch (preferredType(accept)) {
      case 'application/json':
        return receipt;
      case 'text/html':
        void reply.type('text/html; charset=utf-8').header('content-security-policy', paperPolicy);
        return paperPage(receiptText(receipt));
      case 'application/pdf':
        void reply.type('application/pdf').header('content-disposition', `inline; filename="${receipt.number}.pdf"`);
        return receiptPdf(receiptText(receipt), copy.receipt.issuedAt);
    }
  }
}
