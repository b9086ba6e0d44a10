import { randomBytes } from 'node:crypto';
import { Controller, Get, Param, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiProduces, ApiSeeOtherResponse } from '@nestjs/swagger';
import { Public } from '@quittance/service-kit/http/auth';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, notFound } from '../domain/errors.ts';
import { LinkAddresses } from '../payment-links/link-addresses.ts';
import type { LinkKey } from '../payment-links/link-request.ts';
import { ReceiptDto } from '../receipts/receipt.dto.ts';
import { receiptPdf } from '../receipts/receipt-pdf.ts';
import { receiptText } from '../receipts/receipt-text.ts';
import { LinkCharges } from './link-charges.service.ts';
import { failureText, linkPage } from './link-page.ts';
import type { LinkView, Problem } from './link-page.ts';
import { isFromOurPage, readForm } from './pay-form.ts';
import { PageErrors, send } from './page-errors.filter.ts';
import { PayPageService } from './pay-page.service.ts';
import { texts } from './texts.ts';

/** Set by the answer to a form, so that the page that follows says what became of it. */
const TRIED = 'tried';
const nothingChosen: Problem = { status: 422, text: texts.chooseMethod };

/** The hosted page. Its address is the credential: who has it may see the link and pay it, and nothing else. */
@Controller('pay')
@UseFilters(PageErrors)
export class PayPageController {
  constructor(
    private readonly pages: PayPageService,
    private readonly charges: LinkCharges,
    private readonly addresses: LinkAddresses,
  ) {}

  @Get(':token')
  @Public()
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'The page, for a person. 410 when the link is closed, 404 when there is none.' })
  async show(@Param('token') token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const key = this.keyOf(token);
    const view = await (request.method === 'GET' ? this.pages.open(key) : this.pages.read(key));
    const tried = TRIED in (request.query as object) && view.payment?.state === 'declined';
    const drawn = this.drawn(view, tried ? { status: 200, text: failureText(view.payment.failure) } : null);
    send(reply, drawn.page, drawn);
  }

  @Get(':token/receipt')
  @Public()
  @ApiProduces('application/pdf')
  @ApiOkResponse({ description: 'The receipt of a link that was paid.' })
  async receipt(@Param('token') token: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const copy = await this.pages.receipt(this.keyOf(token));
    const receipt = ReceiptDto.of(copy);
    void reply.type('application/pdf').headers({
      'content-disposition': `inline; filename="${receipt.number}.pdf"`,
      'cache-control': 'no-store',
    });
    return receiptPdf(receiptText(receipt), copy.receipt.issuedAt);
  }

  @Post(':token')
  @Public()
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ schema: { type: 'object', required: ['token'], properties: { token: { type: 'string' } } } })
  @ApiSeeOtherResponse({ description: 'Back to the page, which shows what became of it.' })
  async pay(@Param('token') token: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const key = this.keyOf(token);
    const view = await this.pages.read(key);
    const form = readForm(request.body);
    const attemptsSeen = form.mark === null ? null : this.addresses.attemptsIn(view.link, form.mark);
    const url = this.addresses.urlOf(view.link);
    if (!isFromOurPage(request.headers, { origin: new URL(url).origin, isMarked: attemptsSeen !== null })) {
      throw new DomainError('foreign_form', 'The form was sent from another site.');
    }
    const problem = form.token === null ? nothingChosen : await this.attempt(key, { token: form.token, attemptsSeen });
    const after = await this.pages.read(key);
    const drawn = this.drawn(after, problem);
    // What is closed is told at once; everything else is a page that may be loaded again.
    if (drawn.page.status !== 200) return send(reply, drawn.page, drawn);
    void reply.redirect(`${new URL(url).pathname}${after.isPayable ? `?${TRIED}` : ''}`, 303);
  }

  /** What the customer can put right is said on the form; everything else is a page of its own. */
  private async attempt(key: LinkKey, submission: Parameters<LinkCharges['pay']>[1]): Promise<Problem | null> {
    try {
      await this.charges.pay(key, submission);
      return null;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (error.code === 'provider_unavailable') return { status: 503, text: texts.busy };
      if (error.code === 'unknown_token' || error.code === 'payment_method_not_usable') {
        return { status: 422, text: texts.unusableMethod };
      }
      throw error;
    }
  }

  private drawn(view: LinkView, problem: Problem | null) {
    const nonce = randomBytes(16).toString('base64');
    const field = this.pages.fieldFor(view.link);
    const mark = this.addresses.markOf(view.link);
    return { page: linkPage(view, { field, mark, nonce, problem }), nonce, allow: field?.allow };
  }

  private keyOf(token: string): LinkKey {
    const key = this.addresses.read(token);
    if (key === null) throw notFound('payment link', 'here');
    return key;
  }
}
