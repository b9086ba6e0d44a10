import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { DisputesService } from '../disputes/disputes.service.ts';
import type { From } from '../domain/notification.ts';
import { MethodNewsService } from '../payment-methods/method-news.service.ts';
import type { ProviderNotification } from '../providers/notification.ts';
import { ReturnsService } from '../returns/returns.service.ts';
import { OutcomeNewsService } from './outcome-news.service.ts';

/** Gives what a provider said to whom it concerns. */
@Injectable()
export class NotificationsService {
  constructor(
    private readonly outcomes: OutcomeNewsService,
    private readonly returns: ReturnsService,
    private readonly disputes: DisputesService,
    private readonly methods: MethodNewsService,
  ) {}

  /** @returns the tenant that it concerned; null when it fits nothing that is here yet */
  apply(tx: Tx, news: ProviderNotification, from: From): Promise<string | null> {
    switch (news.kind) {
      case 'outcome':
        return this.outcomes.hear(tx, news, from);
      case 'returned':
        return this.returns.hear(tx, news, from);
      case 'dispute':
        return this.disputes.hear(tx, news, from);
      case 'method':
        return this.methods.hear(tx, news, from);
    }
  }
}
