// What becomes of the invoices of an application that is undone, and whose its money is then.
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { FundOwner } from '../allocations/allocation.entity.ts';
import type { Occasion } from '../allocations/occasion.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
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

/**
 * The policy whose invoices it paid; the policyholder, where it paid several policies', or a subscription's without
 * one.
 */
export function ownerOfBatch(
  { invoices }: AppliedBatch,
  tenantId: string,
  book: ReceivableBook,
): Pick<FundOwner, 'ownerType' | 'ownerLocator'> {
  const debts = invoices.map(({ invoiceId: id }) => book.get({ tenantId, id }));
  const [first] = debts;
  if (!first) throw new Error('a batch without an invoice');
  const { policyLocator } = first.invoice;
  return policyLocator !== null && debts.every(({ invoice }) => invoice.policyLocator === policyLocator)
    ? { ownerType: 'policy', ownerLocator: policyLocator }
    : { ownerType: 'policyholder', ownerLocator: first.policy.policyholderLocator };
}
