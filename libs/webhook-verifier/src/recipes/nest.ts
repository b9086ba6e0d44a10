import { Controller, HttpCode, Module, Post, Req, UnauthorizedException } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { WebhookRefused, WebhookVerifier } from '@quittance/webhook-verifier';
import { SeenIds } from '@quittance/webhook-verifier/seen-ids';
import type { FastifyRequest } from 'fastify';

const verifier = new WebhookVerifier(process.env['WEBHOOK_SECRET'] ?? '');
const seen = new SeenIds();
export const booked: unknown[] = [];

@Controller('webhooks')
class WebhooksController {
  @Post()
  @HttpCode(204)
  async receive(@Req() request: RawBodyRequest<FastifyRequest>): Promise<void> {
    const { id, payload } = this.verified(request);
    await seen.once(id, () => void booked.push(payload));
  }

  private verified({ rawBody = Buffer.alloc(0), headers }: RawBodyRequest<FastifyRequest>) {
    try {
      return verifier.verify(rawBody, headers);
    } catch (error) {
      if (error instanceof WebhookRefused) throw new UnauthorizedException();
      throw error;
    }
  }
}

@Module({ controllers: [WebhooksController] })
class AppModule {}

/** `rawBody` is what keeps the bytes; it works with the Express adapter, too. */
export function createApp(): Promise<NestFastifyApplication> {
  return NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), { rawBody: true, logger: false });
}
