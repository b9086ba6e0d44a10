import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { attemptOfKey } from '../domain/notification.ts';
import type { From } from '../domain/notification.ts';
import { DisputesService } from '../disputes/disputes.service.ts';
import { MethodNewsService } from '../payment-methods/method-news.service.ts';
import { AttemptRepository } from '../payments/attempt.repository.ts';
import { AttemptsService } from '../payments/attempts.service.ts';
import type { OutcomeNews, ProviderNotification } from '../providers/notification.ts';
import { ReturnsService } from '../returns/returns.service.ts';

/** Gives what a provider said to whom it concerns. */
@Injectable()
export class NotificationsService {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly outcomes: AttemptsService,
    private readonly returns: ReturnsService,
    private readonly disputes: DisputesService,
    private readonly methods: MethodNewsService,
  ) {}

  /** @returns the tenant that it concerned; null when it fits nothing that is here yet */
  apply(tx: Tx, news: ProviderNotification, from: From): Promise<string | null> {
    switch (news.kind) {
      case 'outcome':
        return this.outcome(tx, news, from);
      case 'returned':
        return this.returns.hear(tx, news, from);
      case 'dispute':
        return this.disputes.hear(tx, news, from);
      case 'method':
        return this.methods.hear(tx, news, from);
    }
  }

  private async outcome(tx: Tx, { key, operation, outcome }: OutcomeNews, from: From): Promise<string | null> {
    const named = attemptOfKey(key);
    const attempt = named && (await this.attempts.findOfKey(tx, { ...named, ...from }));
    if (!attempt) return null;
    const asked = attempt.operation === 'authorise' ? 'charge' : attempt.operation;
    if (asked !== operation) return null;
    await this.outcomes.record(tx, [{ attempt, outcome }]);
    return attempt.tenantId;
  }
}
