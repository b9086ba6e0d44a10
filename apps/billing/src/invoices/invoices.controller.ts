import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { paperPolicy } from '@quittance/service-kit/http/paper';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { isUuid, PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import type { TenantKey } from '../domain/identity.ts';
import { displayIdOf } from '../domain/invoice.ts';
import { invoicePage } from './invoice-page.ts';
import { invoicePdf } from './invoice-pdf.ts';
import { invoiceText } from './invoice-text.ts';
import type { InvoiceView } from './invoice.view.ts';
import { InvoiceDto, InvoicePageDto, InvoicesQuery } from './invoice.dto.ts';
import { InvoicesService } from './invoices.service.ts';

@ApiTags('invoices')
@Controller('invoices')
export class InvoicesController {
  constructor(
    private readonly invoices: InvoicesService,
    private readonly db: Database,
  ) {}

  @Get()
  @RequireScope('billing:read')
  @ApiOkResponse({ type: InvoicePageDto })
  async listInvoices(@Query() query: InvoicesQuery, @Caller() { tenantId }: Caller): Promise<InvoicePageDto> {
    const { policyLocator = null, state = null, pageSize: limit } = query;
    const before = decodeCursor(query.pagingToken, 'pagingToken');
    // Opaque to us, so any text may be asked for; what is no id has no invoice.
    if (policyLocator !== null && !isUuid(policyLocator)) return { invoices: [] };
    const views = await this.db.snapshot(tenantId, (tx) =>
      this.invoices.page(tx, tenantId, { policyLocator, state, before, limit }),
    );
    const page = keysetPage(views, limit, ({ invoice }) => invoice.id);
    const invoices = page.rows.map((view) => InvoiceDto.from(view));
    return page.next === null ? { invoices } : { invoices, pagingToken: page.next };
  }

  @Get(':locator')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: InvoiceDto })
  async getInvoice(@PathId('locator', 'invoice') id: string, @Caller() { tenantId }: Caller): Promise<InvoiceDto> {
    return InvoiceDto.from(await this.get({ tenantId, id }));
  }

  /** For a reader. */
  @Get(':locator/page')
  @RequireScope('billing:read')
  @ApiOkResponse({ content: { 'text/html': { schema: { type: 'string' } } } })
  async getInvoicePage(
    @PathId('locator', 'invoice') id: string,
    @Caller() { tenantId }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const view = await this.get({ tenantId, id });
    void reply.type('text/html; charset=utf-8').header('content-security-policy', paperPolicy);
    return invoicePage(invoiceText(view));
  }

  /** For a printer. */
  @Get(':locator/pdf')
  @RequireScope('billing:read')
  @ApiOkResponse({ content: { 'application/pdf': { schema: { type: 'string', format: 'binary' } } } })
  async getInvoicePdf(
    @PathId('locator', 'invoice') id: string,
    @Caller() { tenantId }: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const view = await this.get({ tenantId, id });
    const name = displayIdOf(view.invoice.number);
    void reply.type('application/pdf').header('content-disposition', `inline; filename="${name}.pdf"`);
    return invoicePdf(invoiceText(view), view.invoice.createdAt);
  }

  private async get(key: TenantKey): Promise<InvoiceView> {
    const found = await this.db.snapshot(key.tenantId, (tx) => this.invoices.find(tx, key));
    if (!found) throw notFound('invoice', key.id);
    return found;
  }
}
