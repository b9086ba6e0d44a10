import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import { displayIdOf } from '../domain/invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import { wireLines } from '../instalments/instalment.events.ts';
import type { PolicyView } from '../instalments/instalment.events.ts';

type Debtor = Pick<PolicyView, 'locator' | 'policyholderLocator'>;

export function invoiceData(
  invoice: Invoice,
  { locator: policyLocator, policyholderLocator }: Debtor,
): EventData<'invoice.issued'> {
  const { currency } = invoice;
  return {
    invoiceLocator: invoice.id,
    displayId: displayIdOf(invoice.number),
    type: invoice.type,
    policyLocator,
    policyholderLocator,
    ...(invoice.instalmentId === null ? {} : { instalmentId: invoice.instalmentId }),
    ...(invoice.subscriptionId === null ? {} : { subscriptionId: invoice.subscriptionId }),
    state: invoice.state,
    issuedOn: invoice.issuedOn,
    dueOn: invoice.dueOn,
    total: toWire({ minor: invoice.totalMinor, currency }),
    balance: toWire({ minor: invoice.balanceMinor, currency }),
    items: wireLines(invoice.items, currency),
  };
}
