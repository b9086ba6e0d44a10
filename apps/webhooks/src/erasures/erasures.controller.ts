import { Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Caller, RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { CursorQuery, decodeCursor, keysetPage } from '@quittance/service-kit/http/page';
import { ErasureDto, ErasurePageDto } from './erasure.dto.ts';
import { ErasuresService } from './erasures.service.ts';

@ApiTags('webhooks')
@Controller('webhook-erasures')
export class ErasuresController {
  constructor(
    private readonly db: Database,
    private readonly erasures: ErasuresService,
  ) {}

  @Post()
  @RequireScope('webhooks:erase')
  @ApiOperation({ summary: 'Destroys the keys of all bodies that are kept: they can never be read or sent again.' })
  @ApiCreatedResponse({ type: ErasureDto })
  eraseWebhookBodies(@Once() once: Once): Promise<ErasureDto> {
    return once(async (tx, { tenantId, clientId }) =>
      ErasureDto.from(await this.erasures.erase(tx, tenantId, clientId)),
    );
  }

  @Get()
  @RequireScope('webhooks:read')
  @ApiOkResponse({ type: ErasurePageDto })
  async listWebhookErasures(@Query() query: CursorQuery, @Caller() { tenantId }: Caller): Promise<ErasurePageDto> {
    const before = decodeCursor(query.cursor);
    const rows = await this.db.withTenant(tenantId, (tx) => this.erasures.page(tx, tenantId, before, query.limit + 1));
    const page = keysetPage(rows, query.limit, ({ id }) => id);
    return { items: page.rows.map((row) => ErasureDto.from(row)), nextCursor: page.next };
  }
}
