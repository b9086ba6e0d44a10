import { Controller, HttpCode, Logger, Param, Post, Req } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { Database } from '@quittance/service-kit/database/database';
import { Public } from '@quittance/service-kit/http/auth';
import { SignedBody } from '@quittance/service-kit/http/card-data';
import type { RawBodyRequest } from '@quittance/service-kit/http/json-body';
import { Problem } from '@quittance/service-kit/http/problem';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { nobody } from '../domain/notification.ts';
import type { ProviderNotification } from '../providers/notification.ts';
import { NotificationRefused } from '../providers/provider.ts';
import { Providers } from '../providers/providers.ts';
import { NotificationDesk } from './notification-desk.ts';

export class ReceivedDto {
  @ApiProperty({ type: 'integer', description: 'How much of it concerns us.' })
  received: number;
}

const refused = metrics.counter('payments_notifications_refused_total', 'Notifications whose signature was not good.');

/** Where providers tell us things. Their signature over the bytes is the credential. */
@Controller('provider-notifications')
export class NotificationsController {
  private readonly log = new Logger(NotificationsController.name);

  constructor(
    private readonly db: Database,
    private readonly providers: Providers,
    private readonly desk: NotificationDesk,
  ) {}

  @Post(':provider')
  @HttpCode(200)
  @Public()
  @SignedBody()
  @ApiOkResponse({ type: ReceivedDto })
  async receive(@Param('provider') name: string, @Req() request: RawBodyRequest): Promise<ReceivedDto> {
    const news = this.read(name, request);
    await this.db.withTenant(nobody, (tx) => this.desk.store(tx, news, nobody));
    return { received: news.length };
  }

  private read(name: string, { headers, rawBody }: RawBodyRequest): ProviderNotification[] {
    const provider = this.providers.byName(name);
    try {
      const news = provider.notifications({ headers, body: rawBody ?? Buffer.alloc(0) });
      // Who signed it is who said it, whatever the body claims.
      return news.map((each) => ({ ...each, provider: provider.name }));
    } catch (error) {
      if (!(error instanceof NotificationRefused)) throw error;
      refused.inc();
      this.log.warn({ provider: name.slice(0, 64), reason: error.message }, 'notification refused');
      throw new Problem(401, 'unauthorized', 'The signature of this notification is not good.', { cause: error });
    }
  }
}
