// What becomes of the invoices of an application that is undone, and whose its money is then.
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { FundOwner } from '../allocations/allocation.entity.ts';
import type { Occasion, ReceivableBook } from '../allocations/receivable-book.ts';
import { localDate } from '../domain/zone.ts';
import type { AppliedBatch } from './held-payment.ts';

/** Each invoice is owed again; what was due before today, by its own policy's calendar, is due by the end of today. */
export function unpayAll(
  { invoices }: AppliedBatch,
  { tenantId, occasion }: { readonly tenantId: string; readonly occasion: Occasion },
  book: ReceivableBook,
): NewEvent[] {
  return invoices.flatMap(({ invoiceId: id, items }) => {
    const { timeZone } = book.get({ tenantId, id }).policy;
    return book.unpay({ tenantId, id }, items, localDate(occasion.time, timeZone), occasion);
  });
}

/** The policy whose invoices it paid; the policyholder's, where it paid several policies'. */
export function ownerOfBatch(
  { invoices }: AppliedBatch,
  tenantId: string,
  book: ReceivableBook,
): Pick<FundOwner, 'ownerType' | 'ownerLocator'> {
  const policies = invoices.map(({ invoiceId: id }) => book.get({ tenantId, id }).policy);
  const [first] = policies;
  if (!first) throw new Error('a batch without an invoice');
  return policies.every(({ locator }) => locator === first.locator)
    ? { ownerType: 'policy', ownerLocator: first.locator }
    : { ownerType: 'policyholder', ownerLocator: first.policyholderLocator };
}
