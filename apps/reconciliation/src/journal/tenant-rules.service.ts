import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { isShared } from '../domain/rule-set.ts';
import { LedgerSettingsRepository } from '../settings/ledger-settings.repository.ts';
import type { SettingsOf } from '../settings/ledger-settings.repository.ts';
import type { TenantRules } from './billing-postings.ts';
import { CommissionShares } from './commission-shares.ts';
import { SharedInvoiceRepository } from './shared-invoice.repository.ts';

/** By what each tenant of a batch books, as it is decided when the batch is booked. */
@Injectable()
export class TenantRulesService {
  constructor(
    private readonly settings: LedgerSettingsRepository,
    private readonly invoices: SharedInvoiceRepository,
  ) {}

  async of(tx: Tx, events: readonly QuittanceEvent[]): Promise<(tenantId: string) => TenantRules> {
    const tenantIds = [...new Set(events.map(({ tenantid }) => tenantid))];
    const settingsOf = await this.settings.of(tx, tenantIds);
    const found = await this.invoices.find(tx, paidOf(events, settingsOf));
    const invoices = Map.groupBy(found, ({ tenantId }) => tenantId);
    const rules = new Map(
      tenantIds.map((tenantId) => {
        const ofTenant = (invoices.get(tenantId) ?? []).map((each) => [each.invoiceLocator, each] as const);
        return [tenantId, { settings: settingsOf(tenantId), shares: new CommissionShares(new Map(ofTenant)) }];
      }),
    );
    return (tenantId) => rules.get(tenantId)!;
  }
}

/** Only where an agency's share is a setting does it matter what of an invoice was paid before. */
function paidOf(events: readonly QuittanceEvent[], settingsOf: SettingsOf) {
  return events.flatMap((event) => {
    if (event.type !== 'allocation.created' || !isShared(settingsOf(event.tenantid))) return [];
    const { allocations } = (event as QuittanceEvent<'allocation.created'>).data;
    return allocations.map(({ policyLocator, invoiceLocator }) => {
      return { tenantId: event.tenantid, policyLocator, invoiceLocator };
    });
  });
}
