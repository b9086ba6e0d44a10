import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { DomainError } from '../domain/errors.ts';
import type { ChosenQuote, PartnerKey, Quote, QuotePackage } from '../domain/partner-quote.ts';
import { PoliciesService } from '../policies/policies.service.ts';
import type { Offer } from '../schedules/schedule.view.ts';
import { QuotePackageRepository } from './quote-package.repository.ts';
import { QuotesService, termsOf } from './quotes.service.ts';

/** A booking makes a policy of each quote that is chosen, all in one transaction, and once for a package. */
@Injectable()
export class BookingsService {
  private readonly log = new Logger(BookingsService.name);

  constructor(
    private readonly packages: QuotePackageRepository,
    private readonly quotes: QuotesService,
    private readonly policies: PoliciesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Null where the partner has no such package.
   * @throws DomainError `quotes_already_booked`, `unknown_quote`, `plan_not_eligible`
   */
  async book(tx: Tx, partner: PartnerKey, id: string, chosen: readonly ChosenQuote[]): Promise<QuotePackage | null> {
    const found = await this.packages.lock(tx, partner, id);
    if (!found) return null;
    if (found.bookedAt) throw new DomainError('quotes_already_booked', 'A quote package is booked once.');
    const offers = await this.quotes.offersOf(tx, found);
    const booked = bookedQuotes(found, offers, chosen);
    const { tenantId } = partner;
    await this.policies.issueOnce(
      tx,
      booked.flatMap((quote) => {
        if (!quote.booked) return [];
        const { plan, policyLocator: locator } = quote.booked;
        return [{ tenantId, locator, terms: { ...termsOf(quote, found), plan } }];
      }),
    );
    const bookedAt = this.clock.now();
    const booking = { ...found, quotes: booked, bookedAt };
    await this.packages.book(tx, booking, bookedAt);
    tx.afterCommit(() => this.tell(booking));
    return booking;
  }

  private tell({ tenantId, partnerId, id: quotePackageId, quotes }: QuotePackage): void {
    const policies = quotes.flatMap(({ booked }) => (booked ? [booked.policyLocator] : []));
    this.log.log({ tenantId, partnerId, quotePackageId, policies }, 'quotes booked');
  }
}

/** The quotes of the package, those that are chosen with their plan and a policy. Every wrong choice at once. */
function bookedQuotes(
  { quotes }: QuotePackage,
  offers: readonly (readonly Offer[])[],
  chosen: readonly ChosenQuote[],
): Quote[] {
  const unknown = chosen.flatMap(({ id }, at) =>
    quotes.some((quote) => quote.id === id)
      ? []
      : [{ pointer: `/quotes/${at}/id`, detail: 'is no quote of this package' }],
  );
  if (unknown.length > 0)
    throw new DomainError('unknown_quote', 'There is no such quote in this package.', { errors: unknown });
  const unfit = chosen.flatMap(({ id, plan: name }, at) => {
    const names = (offers[quotes.findIndex((quote) => quote.id === id)] ?? []).map(({ plan }) => plan.name);
    const detail = `is none of this quote's plans: ${names.join(', ')}`;
    return names.includes(name) ? [] : [{ pointer: `/quotes/${at}/instalment_plan`, detail }];
  });
  if (unfit.length > 0)
    throw new DomainError('plan_not_eligible', 'The plan does not fit the quote.', { errors: unfit });
  return quotes.map((quote) => {
    const choice = chosen.find(({ id }) => id === quote.id);
    return { ...quote, booked: choice ? { plan: choice.plan, policyLocator: newId() } : null };
  });
}
