import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { PartnerKey, Quote, QuotePackage, QuoteTerms } from '../domain/partner-quote.ts';
import type { PolicyTerms } from '../domain/policy.ts';
import { PlanningService } from '../schedules/planning.service.ts';
import type { Offer } from '../schedules/schedule.view.ts';
import { QuotePackageRepository } from './quote-package.repository.ts';
import type { QuotedPackage } from './quote.view.ts';

/** Prices come in, the plans that they can be paid by go out. What is rated is the policy system's business. */
@Injectable()
export class QuotesService {
  constructor(
    private readonly packages: QuotePackageRepository,
    private readonly planning: PlanningService,
    private readonly clock: Clock,
  ) {}

  async quote(
    tx: Tx,
    partner: PartnerKey,
    asked: { currency: string; quotes: readonly QuoteTerms[] },
  ): Promise<QuotedPackage> {
    const quotePackage: QuotePackage = {
      ...partner,
      id: newId(),
      currency: asked.currency,
      quotes: asked.quotes.map((terms) => ({ ...terms, id: newId(), booked: null })),
      createdAt: this.clock.now(),
      bookedAt: null,
    };
    await this.packages.insert(tx, quotePackage);
    return { quotePackage, offers: await this.offersOf(tx, quotePackage) };
  }

  /** The plans that fit each quote, by the rules by which a booking makes the schedule. */
  async offersOf(tx: Tx, quotePackage: QuotePackage): Promise<Offer[][]> {
    const { tenantId, quotes } = quotePackage;
    return Promise.all(quotes.map((quote) => this.planning.offers(tx, tenantId, termsOf(quote, quotePackage))));
  }
}

/**
 * What a booking issues. The policyholder is known to the partner alone: here it is the package that they are named by,
 * an id that says nothing of anybody.
 */
export function termsOf(
  { id, startOn, endOn, charges }: Quote,
  { id: packageId, currency }: Pick<QuotePackage, 'id' | 'currency'>,
): Omit<PolicyTerms, 'plan'> {
  return {
    policyNumber: id,
    policyholderLocator: packageId,
    currency,
    timeZone: 'UTC',
    jurisdiction: null,
    line: null,
    billingMethod: 'direct',
    producerId: null,
    financerId: null,
    effectiveDate: startOn,
    expirationDate: endOn,
    collection: 'partner',
    paymentMethodId: null,
    charges,
  };
}
