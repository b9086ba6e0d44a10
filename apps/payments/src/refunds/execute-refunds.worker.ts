import { Injectable } from '@nestjs/common';
import { Database } from '@quittance/service-kit/database/database';
import { Worker } from '@quittance/service-kit/worker/worker';
import { PaymentsConfig } from '../config.ts';
import type { Refund } from '../domain/refund.ts';
import { refundKey } from '../domain/refund-outcome.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { Providers } from '../providers/providers.ts';
import { giveBack, resolveRefund } from './give-back.ts';
import { RefundsService } from './refunds.service.ts';

/**
 * Gives money back: claim (committed as `processing`) → provider → record; and asks about what has no outcome in time.
 *
 * - crash before the claim commits: nothing was sent
 * - crash after it: when the lease ends the provider is asked before anything is sent again, under the same key
 * - silence is asked about again later, at last under an alarm; nothing is ever failed because time has passed
 */
@Injectable()
export class ExecuteRefundsWorker extends Worker {
  constructor(
    private readonly db: Database,
    private readonly refunds: RefundsService,
    private readonly providers: Providers,
    private readonly config: PaymentsConfig,
  ) {
    super('execute-refunds', Math.min(1_000, config.unknownResolveAfterMs));
  }

  protected async work(): Promise<number> {
    const limit = this.config.providerConcurrency;
    const toSend = await this.db.tx((tx) => this.refunds.claimToSend(tx, limit));
    const toCheck = await this.db.tx((tx) => this.refunds.claimToCheck(tx, limit));
    await Promise.all([
      ...toSend.map((refund) => this.record(refund, giveBack(this.providers, refund))),
      ...toCheck.map((refund) => this.record(refund, resolveRefund(this.providers, refund))),
    ]);
    return toSend.length + toCheck.length;
  }

  /** One by one: an answer must not wait for its neighbour's silence. */
  private async record(refund: Refund, answer: Promise<ProviderOutcome>): Promise<void> {
    const result = { key: refundKey(refund), outcome: await answer };
    await this.db.tx((tx) => this.refunds.record(tx, [result]));
  }
}
