import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import { displayIdOf } from '../domain/invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import { wireLines } from '../instalments/instalment.events.ts';

export function invoiceData(invoice: Invoice, policyholderLocator: string): EventData<'invoice.issued'> {
  const { currency } = invoice;
  return {
    invoiceLocator: invoice.id,
    displayId: displayIdOf(invoice.number),
    type: invoice.type,
    policyLocator: invoice.policyLocator,
    policyholderLocator,
    instalmentId: invoice.instalmentId,
    state: invoice.state,
    issuedOn: invoice.issuedOn,
    dueOn: invoice.dueOn,
    total: toWire({ minor: invoice.totalMinor, currency }),
    balance: toWire({ minor: invoice.balanceMinor, currency }),
    items: wireLines(invoice.items, currency),
  };
}
