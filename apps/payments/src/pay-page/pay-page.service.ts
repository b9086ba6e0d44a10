import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Database } from '@quittance/service-kit/database/database';
import type { Tx } from '@quittance/service-kit/database/tx';
import { PaymentsConfig } from '../config.ts';
import { notFound } from '../domain/errors.ts';
import { isPayable } from '../domain/payment-link.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import type { ReceiptCopy } from '../domain/receipt.ts';
import { LinkAddresses } from '../payment-links/link-addresses.ts';
import type { LinkKey } from '../payment-links/link-request.ts';
import { PaymentLinksService } from '../payment-links/payment-links.service.ts';
import { Providers } from '../providers/providers.ts';
import { LinkAttempts } from './link-attempts.service.ts';
import type { LinkView } from './link-page.ts';
import { sandboxField, stripeField } from './provider-field.ts';
import type { ProviderField } from './provider-field.ts';

/** What the page of a link shows. */
@Injectable()
export class PayPageService {
  constructor(
    private readonly db: Database,
    private readonly links: PaymentLinksService,
    private readonly attempts: LinkAttempts,
    private readonly addresses: LinkAddresses,
    private readonly providers: Providers,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** The first look at it is a fact of the link. */
  open(key: LinkKey): Promise<LinkView> {
    return this.db.withTenant(key.tenantId, async (tx) => this.viewOf(tx, await this.links.view(tx, key)));
  }

  read(key: LinkKey): Promise<LinkView> {
    return this.db.withTenant(key.tenantId, async (tx) => this.viewOf(tx, await this.links.get(tx, key)));
  }

  /** For the customer to keep: whoever has the address of the link may read the receipt of what it brought in. */
  async receipt(key: LinkKey): Promise<ReceiptCopy> {
    return this.db.withTenant(key.tenantId, async (tx) => {
      const receipt = await this.attempts.receiptOf(tx, await this.links.get(tx, key));
      if (receipt === null) throw notFound('receipt', 'here');
      return this.attempts.copyOf(tx, receipt);
    });
  }

  /** Of the first provider that takes this money and has a field of its own. */
  fieldFor({ tenantId, currency }: PaymentLink): ProviderField | null {
    const { stripePublishableKey: key } = this.config;
    const fields: Record<string, ProviderField | undefined> = {
      sandbox: sandboxField,
      ...(key && { stripe: stripeField(key) }),
    };
    const taker = this.providers.for({ tenantId, currency }).find(({ name }) => fields[name] !== undefined);
    return (taker && fields[taker.name]) ?? null;
  }

  private async viewOf(tx: Tx, link: PaymentLink): Promise<LinkView> {
    const latest = await this.attempts.latest(tx, link);
    const actionUrl = latest?.attempt?.state === 'requires_action' ? latest.attempt.actionUrl : null;
    const field = this.fieldFor(link);
    const receipt = await this.attempts.receiptOf(tx, link);
    return {
      link,
      isPayable: isPayable(link, this.clock.now()),
      payment: latest?.payment ?? null,
      receiptPath: receipt && `${new URL(this.addresses.urlOf(link)).pathname}/receipt`,
      actionUrl: actionUrl && field ? pageAt(field.actionUrl(actionUrl, this.addresses.urlOf(link))) : null,
    };
  }
}

/** The address of a page, in a parser's spelling; null for anything else that a link must not lead to. */
function pageAt(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && ['http:', 'https:'].includes(url.protocol) ? url.href : null;
}
