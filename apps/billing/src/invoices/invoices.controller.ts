import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { isUuid, PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
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
    const found = await this.db.snapshot(tenantId, (tx) => this.invoices.find(tx, { tenantId, id }));
    if (!found) throw notFound('invoice', id);
    return InvoiceDto.from(found);
  }
}
