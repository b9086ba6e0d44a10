import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PaymentsConfig } from '../config.ts';
import { isMethodStored, isPayable } from '../domain/payment-link.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import { PaymentLinkRepository } from '../payment-links/payment-link.repository.ts';
import type { LinkKey } from '../payment-links/link-request.ts';
import { charge } from '../payments/charge.ts';
import type { TokenInstrument } from '../payments/captures.service.ts';
import { Providers } from '../providers/providers.ts';
import { describeToken } from '../payment-methods/describe-token.ts';
import { LinkAttempts } from './link-attempts.service.ts';

const askEveryMs = 200;

/** A form that was sent. */
export interface Submission {
  readonly token: string;
  /** How many payments had been tried when the form was made; null when nobody says. */
  readonly attemptsSeen: number | null;
}

/**
 * Charges a link from its page, by the same attempt as any other payment: begun in one commit under the link's lock,
 * recorded in another, no transaction open while the provider is asked.
 *
 * - sent twice: the second finds the link being paid, begins nothing, and waits for what the first comes to
 * - sent again from a form that is older than the latest attempt: the same
 * - crash before the record: the link stays `processing`, the resolver asks the provider when the lease ends
 */
@Injectable()
export class LinkCharges {
  constructor(
    private readonly db: Database,
    private readonly links: PaymentLinkRepository,
    private readonly attempts: LinkAttempts,
    private readonly providers: Providers,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** Does nothing where there is nothing to pay: the page that follows says why. */
  async pay(key: LinkKey, submission: Submission): Promise<void> {
    const { tenantId } = key;
    const link = await this.db.withTenant(tenantId, (tx) => this.links.find(tx, key));
    if (!link || !this.mayBegin(link, submission)) return this.settled(key);
    const { token } = submission;
    const described = await describeToken(this.providers, token, { tenantId, currency: link.currency });
    const begun = await this.db.withTenant(tenantId, (tx) => this.begin(tx, key, submission, described));
    if (begun === null) return this.settled(key);
    const outcome = await charge(this.providers, begun);
    await this.db.withTenant(tenantId, (tx) => this.attempts.record(tx, begun, outcome));
  }

  private async begin(tx: Tx, key: LinkKey, submission: Submission, described: NonNullable<TokenInstrument>) {
    const link = await this.links.lock(tx, key);
    if (!link || !this.mayBegin(link, submission)) return null;
    return this.attempts.begin(tx, link, { token: submission.token, described, isStored: isMethodStored(link) });
  }

  private mayBegin(link: PaymentLink, { attemptsSeen }: Submission): boolean {
    return isPayable(link, this.clock.now()) && (attemptsSeen === null || attemptsSeen === link.attempts);
  }

  /** Until the request that pays has its answer: no longer than a provider may take for one. */
  private async settled(key: LinkKey): Promise<void> {
    const rounds = Math.ceil((this.config.providerTimeoutMs + 1_000) / askEveryMs);
    for (let round = 0; round < rounds; round++) {
      if (!(await this.db.withTenant(key.tenantId, (tx) => this.attempts.isUnderWay(tx, key)))) return;
      await setTimeout(askEveryMs);
    }
  }
}
