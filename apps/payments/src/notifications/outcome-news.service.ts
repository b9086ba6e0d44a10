import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { attemptOfKey } from '../domain/notification.ts';
import type { From } from '../domain/notification.ts';
import { parseRefundKey } from '../domain/refund-outcome.ts';
import { AttemptRepository } from '../payments/attempt.repository.ts';
import { AttemptsService } from '../payments/attempts.service.ts';
import type { OutcomeNews } from '../providers/notification.ts';
import { RefundRepository } from '../refunds/refund.repository.ts';
import { RefundsService } from '../refunds/refunds.service.ts';

/** An operation's outcome, told later than its answer: recorded as the answer would have been. */
@Injectable()
export class OutcomeNewsService {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly outcomes: AttemptsService,
    private readonly refundRows: RefundRepository,
    private readonly refunds: RefundsService,
  ) {}

  /** @returns the tenant whose key it is; null when it is none of ours */
  hear(tx: Tx, news: OutcomeNews, from: From): Promise<string | null> {
    return news.operation === 'refund' ? this.refund(tx, news) : this.attempt(tx, news, from);
  }

  private async attempt(tx: Tx, { key, operation, outcome }: OutcomeNews, from: From): Promise<string | null> {
    const named = attemptOfKey(key);
    const attempt = named && (await this.attempts.findOfKey(tx, { ...named, ...from }));
    if (!attempt) return null;
    const asked = attempt.operation === 'authorise' ? 'charge' : attempt.operation;
    if (asked !== operation) return null;
    await this.outcomes.record(tx, [{ attempt, outcome }]);
    return attempt.tenantId;
  }

  private async refund(tx: Tx, { key, outcome }: OutcomeNews): Promise<string | null> {
    const named = parseRefundKey(key);
    const [owner] = named ? await this.refundRows.findNamed(tx, [named.id]) : [];
    if (!owner) return null;
    await this.refunds.record(tx, [{ key, outcome }]);
    return owner.tenantId;
  }
}
