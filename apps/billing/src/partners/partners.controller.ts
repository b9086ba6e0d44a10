import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiExtraModels, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { RequireScope } from '@quittance/service-kit/http/auth';
import { Once } from '@quittance/service-kit/http/once';
import { PathId } from '@quittance/service-kit/http/path-id';
import { notFound } from '@quittance/service-kit/http/problem';
import type { PartnerKey } from '../domain/partner-quote.ts';
import { BookingDto, BookQuotesDto } from './booking.dto.ts';
import { BookingsService } from './bookings.service.ts';
import type { BookingView } from './collection.view.ts';
import { PartnerCollectionsService } from './collections.service.ts';
import { ConfirmInstalmentsDto } from './confirmation.dto.ts';
import { BookingInstalmentsDto } from './instalments.dto.ts';
import { Partner } from './partner.param.ts';
import { QuoteDto, QuotePackageDto } from './quoted.dto.ts';
import { quoteTermsOf, RequestQuotesDto } from './quote.dto.ts';
import { QuotesService } from './quotes.service.ts';

/** The dialect of seed 003. The gateway takes a slash at the end of each path, as the document has it. */
@ApiTags('partners')
@ApiParam({ name: 'partner_id', schema: { type: 'string', maxLength: 64 } })
@Controller('x/partners/:partner_id')
export class PartnersController {
  constructor(
    private readonly quotes: QuotesService,
    private readonly bookings: BookingsService,
    private readonly collections: PartnerCollectionsService,
    private readonly db: Database,
  ) {}

  @Post('quotes')
  @RequireScope('billing:write')
  @ApiExtraModels(QuoteDto)
  @ApiCreatedResponse({ type: QuotePackageDto })
  requestQuotes(
    @Body() dto: RequestQuotesDto,
    @Partner() partner: PartnerKey,
    @Once() once: Once,
  ): Promise<QuotePackageDto> {
    const asked = { currency: dto.currency, quotes: quoteTermsOf(dto) };
    return once(async (tx) => QuotePackageDto.from(await this.quotes.quote(tx, partner, asked)));
  }

  @Post('bookings/:quote_package_id')
  @RequireScope('billing:write')
  @ApiCreatedResponse({ type: BookingDto })
  bookQuotes(
    @PathId('quote_package_id', 'quote package') id: string,
    @Body() dto: BookQuotesDto,
    @Partner() partner: PartnerKey,
    @Once() once: Once,
  ): Promise<BookingDto> {
    const chosen = BookQuotesDto.toChosen(dto);
    return once(async (tx) => {
      const booking = await this.bookings.book(tx, partner, id, chosen);
      if (!booking) throw notFound('quote package', id);
      return BookingDto.from(booking);
    });
  }

  @Get('bookings/:quote_package_id/instalments')
  @RequireScope('billing:read')
  @ApiOkResponse({ type: BookingInstalmentsDto })
  async getBookingInstalments(
    @PathId('quote_package_id', 'booking') id: string,
    @Partner() partner: PartnerKey,
  ): Promise<BookingInstalmentsDto> {
    const found = await this.db.snapshot(partner.tenantId, (tx) => this.collections.find(tx, partner, id));
    return answer(found, id);
  }

  @Post('bookings/:quote_package_id/instalments')
  @HttpCode(200)
  @RequireScope('billing:write')
  @ApiOkResponse({ type: BookingInstalmentsDto })
  confirmInstalments(
    @PathId('quote_package_id', 'booking') id: string,
    @Body() dto: ConfirmInstalmentsDto,
    @Partner() partner: PartnerKey,
    @Once() once: Once,
  ): Promise<BookingInstalmentsDto> {
    const reports = ConfirmInstalmentsDto.toReports(dto);
    return once(async (tx) => answer(await this.collections.confirm(tx, partner, id, reports), id));
  }
}

function answer(found: BookingView | null, id: string): BookingInstalmentsDto {
  if (!found) throw notFound('booking', id);
  return BookingInstalmentsDto.from(found);
}
