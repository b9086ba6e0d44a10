import { randomBytes } from 'node:crypto';
import { Catch, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { toProblem } from '@quittance/service-kit/http/problem.filter';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { problems } from '../problems.ts';
import { contentPolicy, document, notice } from './page.ts';
import type { Page } from './page.ts';
import type { Allowed } from './provider-field.ts';
import { texts } from './texts.ts';

/** A page with the headers that keep it to itself: not stored, not framed, nothing told to where it leads. */
export function send(reply: FastifyReply, page: Page, drawn: { nonce: string; allow?: Allowed | undefined }): void {
  void reply
    .status(page.status)
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': contentPolicy(drawn.nonce, drawn.allow),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    })
    .send(document(page, drawn.nonce));
}

/** A customer reads a page, not a problem document. */
@Catch()
export class PageErrors implements ExceptionFilter {
  private readonly log = new Logger(PageErrors.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { status } = toProblem(error, problems);
    if (status >= 500) this.log.error({ err: error, requestId: http.getRequest<FastifyRequest>().id }, 'page failed');
    const nonce = randomBytes(16).toString('base64');
    send(http.getResponse<FastifyReply>(), pageOf(status), { nonce });
  }
}

function pageOf(status: number): Page {
  if (status === 404) return notice(404, texts.unknownTitle, texts.unknown);
  if (status === 503) return notice(503, texts.busyTitle, texts.trouble);
  if (status < 500) return notice(status, texts.refusedTitle, texts.refused);
  return notice(500, texts.troubleTitle, texts.trouble);
}
