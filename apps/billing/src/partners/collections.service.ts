import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CreditsService } from '../allocations/credits.service.ts';
import type { NewCredit } from '../allocations/credits.service.ts';
import { acceptReports } from '../domain/partner-collection.ts';
import type { AcceptedReport } from '../domain/partner-collection.ts';
import type { PartnerKey, QuotePackage } from '../domain/partner-quote.ts';
import { localDate } from '../domain/zone.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import { CollectionRepository } from './collection.repository.ts';
import type { BookingView, PartnerInstalment, ReportedAttempt } from './collection.view.ts';
import { EarlyBillingService } from './early-billing.service.ts';
import { QuotePackageRepository } from './quote-package.repository.ts';

const told = metrics.counter('billing_partner_collections_total', 'What partners said of their collections', [
  'outcome',
]);

type Accepted = AcceptedReport<ReportedAttempt, PartnerInstalment>;

/**
 * What a partner says that it collected. Its word is money here, of kind `partner`: the instalment is paid in the
 * transaction that records the word, and what the partner hands over is reconciled later. A failed attempt changes no
 * debt. The next instalment may be confirmed before it is due; its invoice is then issued for the occasion.
 */
@Injectable()
export class PartnerCollectionsService {
  private readonly log = new Logger(PartnerCollectionsService.name);

  constructor(
    private readonly packages: QuotePackageRepository,
    private readonly collections: CollectionRepository,
    private readonly billing: EarlyBillingService,
    private readonly credits: CreditsService,
    private readonly policies: PolicyRepository,
    private readonly time: TenantTime,
    private readonly clock: Clock,
  ) {}

  /** Null where the partner has no such booking. */
  async find(tx: Tx, partner: PartnerKey, packageId: string): Promise<BookingView | null> {
    return this.view(tx, await this.packages.find(tx, partner, packageId));
  }

  /**
   * All of the reports or none. Null where the partner has no such booking.
   * @throws DomainError `unknown_instalment`, `instalment_not_next`
   */
  async confirm(
    tx: Tx,
    partner: PartnerKey,
    packageId: string,
    reports: readonly ReportedAttempt[],
  ): Promise<BookingView | null> {
    const booking = await this.packages.lock(tx, partner, packageId);
    if (!booking?.bookedAt) return null;
    const locators = booking.quotes.flatMap(({ booked }) => (booked ? [booked.policyLocator] : []));
    await this.credits.lock(
      tx,
      locators.map((locator) => ({ tenantId: partner.tenantId, locator })),
    );
    const instalments = await this.collections.instalments(tx, booking);
    const quotes = booking.quotes.map(({ id }) => ({
      id,
      instalments: instalments.filter(({ quoteId }) => quoteId === id),
    }));
    const accepted = acceptReports(quotes, reports);
    const credits = await this.collect(tx, partner.tenantId, accepted);
    const rows = accepted.map(({ report }, at) => ({ ...report, id: newId(), creditId: credits[at] ?? null }));
    await this.collections.insert(tx, partner.tenantId, rows, this.clock.now());
    tx.afterCommit(() => accepted.forEach((each) => this.tell(booking, each)));
    return this.view(tx, booking);
  }

  /** The money of each report that brought some. */
  private async collect(tx: Tx, tenantId: string, accepted: readonly Accepted[]): Promise<(string | null)[]> {
    const paid = accepted.flatMap(({ report, instalment }) => (report.outcome === 'paid' ? [instalment] : []));
    if (paid.length === 0) return [];
    const [nowOf, policies] = await Promise.all([
      this.time.of(tx, [tenantId]),
      this.policies.findAll(
        tx,
        tenantId,
        paid.map(({ policyLocator }) => policyLocator),
      ),
    ]);
    await this.billing.bill(tx, paid, policies, nowOf);
    const invoices = await this.collections.openInvoices(
      tx,
      tenantId,
      paid.map(({ id }) => id),
    );
    const credits = accepted.map((each) => creditOf(each, invoices, nowOf(tenantId)));
    await this.credits.grant(
      tx,
      credits.filter((credit) => credit !== null),
    );
    return credits.map((each) => each?.credit.id ?? null);
  }

  private async view(tx: Tx, booking: QuotePackage | null): Promise<BookingView | null> {
    if (!booking?.bookedAt) return null;
    return { booking, instalments: await this.collections.instalments(tx, booking) };
  }

  private tell({ tenantId, partnerId, id: quotePackageId }: QuotePackage, { report, instalment }: Accepted): void {
    const { quoteId, outcome } = report;
    const { id: instalmentId, number, policyLocator, balanceMinor, currency } = instalment;
    told.inc({ outcome });
    const ids = { tenantId, partnerId, quotePackageId, quoteId, instalmentId, policyLocator };
    this.log.log({ ...ids, number, outcome, amountMinor: Number(balanceMinor), currency }, 'partner collection told');
  }
}

function creditOf(
  { report, instalment }: Accepted,
  invoices: ReadonlyMap<string, string>,
  now: Date,
): NewCredit | null {
  if (report.outcome !== 'paid') return null;
  const { tenantId, id, policyLocator, currency, balanceMinor: amountMinor } = instalment;
  const invoiceId = invoices.get(id);
  if (invoiceId === undefined) throw new Error(`instalment ${id} is open and has no open invoice`);
  const [today, attemptedOn] = [now, report.attemptedAt].map((at) => localDate(at, 'UTC')) as [string, string];
  const credit = {
    ...{ tenantId, id: newId(), kind: 'partner' as const, source: 'partner_collection' as const },
    ...{ policyLocator, currency, amountMinor, transactionId: null, memoId: null },
    // A test clock may be behind the partner's: money does not come in tomorrow.
    effectiveDate: attemptedOn < today ? attemptedOn : today,
  };
  return { credit, invoiceId, occasion: { time: now } };
}
