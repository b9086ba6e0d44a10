import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { PoisonError } from '@quittance/service-kit/messaging/poison';
import type { PricedTerms } from '../domain/policy.ts';
import { orPoison } from '../poison.ts';
import { PlanningService } from '../schedules/planning.service.ts';
import type { Offer } from '../schedules/schedule.view.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { PricedQuoteRepository } from './priced-quote.repository.ts';
import type { PricedQuote } from './quote-priced.reader.ts';

/** Answers a price with the plans by which it could be paid, as a preview without a plan of the same moment does. */
@Injectable()
export class PlanOffersService {
  constructor(
    private readonly planning: PlanningService,
    private readonly quotes: PricedQuoteRepository,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Once for each quote: a new price is a new quote.
   * @throws PoisonError `quote_conflict` for one that is here with other content, and for what no plan can bill
   */
  async offer(tx: Tx, { id, terms }: PricedQuote, cause: QuittanceEvent): Promise<void> {
    const { tenantid: tenantId } = cause;
    const time = (await this.time.of(tx, [tenantId]))(tenantId);
    const contentHash = hashOf(terms);
    const known = await this.quotes.insert(tx, { tenantId, id, contentHash, createdAt: time });
    if (known?.equals(contentHash)) return;
    if (known) throw new PoisonError(`quote_conflict: quote ${id} was priced with other content`);
    const data = { quoteId: id, ...offered(terms, await orPoison(this.planning.offers(tx, tenantId, terms))) };
    await this.outbox.append(tx, [{ type: 'plan.offered', tenantId, subject: id, sequence: 1, time, cause, data }]);
  }
}

function offered({ currency, effectiveDate, expirationDate }: PricedTerms, offers: readonly Offer[]) {
  const plans = offers.map(({ plan, planned: { totalMinor, instalments } }) => ({
    plan: plan.name,
    planVersion: plan.version,
    label: plan.label,
    instalmentCount: instalments.length,
    total: toWire({ minor: totalMinor, currency }),
    firstInstalmentAmount: toWire({ minor: instalments[0]?.amountMinor ?? 0n, currency }),
  }));
  return { currency, effectiveDate, expirationDate, plans } satisfies Partial<NewEvent['data']>;
}

function hashOf(terms: PricedTerms): Buffer {
  const text = JSON.stringify(terms, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
  return createHash('sha256').update(text).digest();
}
