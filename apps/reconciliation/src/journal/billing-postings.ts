// Facts of billing, read as the ledger's: which rule applies, what names the entry, and its business date.
import type { EventData } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { fromWire } from '@quittance/money/wire';
import type { JournalLine, Posting, Reversal } from '../domain/entry.ts';
import { disbursementRequested } from '../domain/money-out-rules.ts';
import { commissionMoved } from '../domain/commission-rules.ts';
import {
  allocationCreated,
  creditCreated,
  invoiceIssued,
  shortfallOpened,
  suspenseOpened,
  writtenOff,
} from '../domain/posting-rules.ts';
import type { Receivable } from '../domain/posting-rules.ts';
import type { LedgerSettings } from '../domain/rule-set.ts';
import { sharesEarned } from './commission-shares.ts';
import type { CommissionShares } from './commission-shares.ts';
import { dayOf, key } from './posting-key.ts';

export type BillingFact = QuittanceEvent<
  | 'invoice.issued'
  | 'allocation.created'
  | 'credit.created'
  | 'suspense.opened'
  | 'shortfall.opened'
  | 'disbursement_request.created'
  | 'write_off.created'
  | 'shortfall.forgiven'
  | CommissionType
>;
type CommissionType = `commission.${'reserved' | 'earned' | 'clawed_back' | 'paid'}`;

/** By what a tenant's facts are booked. */
export interface TenantRules {
  readonly settings: LedgerSettings;
  readonly shares: CommissionShares;
}

/** The type of an event decides what its data is, which the compiler cannot see. */
export function postingOfBilling(event: BillingFact, rules: TenantRules): Posting {
  switch (event.type) {
    case 'invoice.issued':
      return postingOfInvoice(event as QuittanceEvent<'invoice.issued'>, rules);
    case 'allocation.created':
      return postingOfAllocation(event as QuittanceEvent<'allocation.created'>, rules);
    case 'credit.created':
      return postingOfCredit(event as QuittanceEvent<'credit.created'>);
    case 'suspense.opened':
      return postingOfSuspense(event as QuittanceEvent<'suspense.opened'>);
    case 'shortfall.opened':
      return postingOfShortfall(event as QuittanceEvent<'shortfall.opened'>);
    case 'disbursement_request.created':
      return postingOfRequest(event as QuittanceEvent<'disbursement_request.created'>);
    case 'write_off.created':
    case 'shortfall.forgiven':
      return postingOfWriteOff(event as QuittanceEvent<'write_off.created' | 'shortfall.forgiven'>);
    default:
      return postingOfCommission(event as QuittanceEvent<CommissionType>, rules);
  }
}

function postingOfInvoice({ data }: QuittanceEvent<'invoice.issued'>, { settings, shares }: TenantRules): Posting {
  const { invoiceLocator, policyLocator, type, total, issuedOn } = data;
  const items = data.items.map(({ category, amount }) => ({ category, amount: fromWire(amount) }));
  const invoice = { total: fromWire(total), items, receivable: receivableOf(type), policyLocator, invoiceLocator };
  const lines = invoiceIssued(invoice, settings);
  shares.issued(invoiceLocator, lines);
  return { ...key('invoice_issued', 'invoice', invoiceLocator), effectiveOn: issuedOn, lines };
}

function receivableOf(type: EventData<'invoice.issued'>['type'] | undefined): Receivable {
  return type === 'fee' ? 'fee' : 'other';
}

function postingOfAllocation(event: QuittanceEvent<'allocation.created'>, { shares }: TenantRules): Posting {
  const { batchId, effectiveDate } = event.data;
  return {
    ...key('allocation_created', 'allocation', batchId),
    effectiveOn: effectiveDate,
    lines: [...allocationLines(event), ...sharesEarned(event.data, shares)],
  };
}

/** One move of a commission is one version of it. */
function postingOfCommission({ type, data, sequence }: QuittanceEvent<CommissionType>, rules: TenantRules): Posting {
  const { commissionId, policyLocator, amount, bookedOn } = data;
  const move = type.slice('commission.'.length) as 'reserved' | 'earned' | 'clawed_back' | 'paid';
  return {
    ...key(`commission_${move}`, 'commission', `${commissionId}:${Number(sequence)}`),
    effectiveOn: bookedOn,
    lines: commissionMoved(move, { amount: fromWire(amount), policyLocator }, rules.settings),
  };
}

export type UndoneByBilling = QuittanceEvent<
  | 'allocation.reversed'
  | 'invoice.voided'
  | 'credit.reversed'
  | 'suspense.returned'
  | 'suspense.applied'
  | 'disbursement_request.returned'
  | 'write_off.reversed'
>;

export function reversalOfBilling(event: UndoneByBilling): Reversal | null {
  switch (event.type) {
    case 'allocation.reversed':
      return reversalOfAllocation(event as QuittanceEvent<'allocation.reversed'>);
    case 'invoice.voided':
      return reversalOfInvoice(event as QuittanceEvent<'invoice.voided'>);
    case 'credit.reversed':
      return reversalOfCredit(event as QuittanceEvent<'credit.reversed'>);
    case 'suspense.returned':
    case 'suspense.applied':
      return reversalOfSuspense(event as QuittanceEvent<'suspense.returned' | 'suspense.applied'>);
    case 'disbursement_request.returned':
      return reversalOfRequest(event as QuittanceEvent<'disbursement_request.returned'>);
    case 'write_off.reversed':
      return reversalOfWriteOff(event as QuittanceEvent<'write_off.reversed'>);
  }
}

/** An allocation that applied nothing was not booked, and its reversal has nothing to undo. */
function reversalOfAllocation(event: QuittanceEvent<'allocation.reversed'>): Reversal | null {
  const { batchId, reverses, effectiveDate } = event.data;
  if (!reverses || allocationLines(event).length === 0) return null;
  return {
    ...key('allocation_reversed', 'allocation', batchId),
    effectiveOn: effectiveDate,
    of: key('allocation_created', 'allocation', reverses),
  };
}

function postingOfCredit({ data }: QuittanceEvent<'credit.created'>): Posting {
  const { creditId, kind, policyLocator, invoiceLocator, amount, effectiveDate } = data;
  return {
    ...key('credit_created', 'credit', creditId),
    effectiveOn: effectiveDate,
    lines: creditCreated({ amount: fromWire(amount), kind, policyLocator, invoiceLocator }),
  };
}

function reversalOfCredit({ data, time }: QuittanceEvent<'credit.reversed'>): Reversal {
  return {
    ...key('credit_reversed', 'credit', data.creditId),
    effectiveOn: dayOf(time),
    of: key('credit_created', 'credit', data.creditId),
  };
}

/** What it was for did not take place: as if it had not been issued. */
function reversalOfInvoice({ data, time }: QuittanceEvent<'invoice.voided'>): Reversal {
  return {
    ...key('invoice_voided', 'invoice', data.invoiceLocator),
    effectiveOn: dayOf(time),
    of: key('invoice_issued', 'invoice', data.invoiceLocator),
  };
}

function postingOfSuspense({ data, time }: QuittanceEvent<'suspense.opened'>): Posting {
  const { suspenseId, paymentLocator, amount } = data;
  return {
    ...key('suspense_opened', 'suspense', suspenseId),
    effectiveOn: dayOf(time),
    lines: suspenseOpened({ amount: fromWire(amount), paymentLocator }),
  };
}

/** Whether it goes, or its owner was found: it is unapplied cash again, out of which it is paid out or pays. */
function reversalOfSuspense({ type, data, time }: QuittanceEvent<'suspense.returned' | 'suspense.applied'>): Reversal {
  return {
    ...key(type === 'suspense.applied' ? 'suspense_applied' : 'suspense_returned', 'suspense', data.suspenseId),
    effectiveOn: dayOf(time),
    of: key('suspense_opened', 'suspense', data.suspenseId),
  };
}

function postingOfShortfall({ data }: QuittanceEvent<'shortfall.opened'>): Posting {
  const { shortfallId, paymentLocator, policyLocator, amount, effectiveDate } = data;
  return {
    ...key('shortfall_opened', 'shortfall', shortfallId),
    effectiveOn: effectiveDate,
    lines: shortfallOpened({ amount: fromWire(amount), paymentLocator, policyLocator }),
  };
}

function postingOfWriteOff({ data }: QuittanceEvent<'write_off.created' | 'shortfall.forgiven'>): Posting {
  const { writeOffId, cause, amount, policyLocator, invoiceLocator, invoiceType, writtenOffOn } = data;
  const about = { policyLocator, invoiceLocator, receivable: receivableOf(invoiceType) };
  return {
    ...key(writeOffKind(data), 'write_off', writeOffId),
    effectiveOn: writtenOffOn,
    lines: writtenOff({ amount: fromWire(amount), cause, ...about }),
  };
}

function reversalOfWriteOff({ data, time }: QuittanceEvent<'write_off.reversed'>): Reversal {
  return {
    ...key('write_off_reversed', 'write_off', data.writeOffId),
    effectiveOn: data.reversedOn ?? dayOf(time),
    of: key(writeOffKind(data), 'write_off', data.writeOffId),
  };
}

function writeOffKind({ cause }: EventData<'write_off.created'>): string {
  return cause === 'tolerance' ? 'shortfall_forgiven' : 'write_off_created';
}

function postingOfRequest({ data, time }: QuittanceEvent<'disbursement_request.created'>): Posting {
  const { requestId, policyLocator, amount } = data;
  return {
    ...key('disbursement_requested', 'disbursement_request', requestId),
    effectiveOn: dayOf(time),
    lines: disbursementRequested({ amount: fromWire(amount), policyLocator }),
  };
}

function reversalOfRequest({ data, time }: QuittanceEvent<'disbursement_request.returned'>): Reversal {
  return {
    ...key('disbursement_request_returned', 'disbursement_request', data.requestId),
    effectiveOn: dayOf(time),
    of: key('disbursement_requested', 'disbursement_request', data.requestId),
  };
}

function allocationLines({ data }: QuittanceEvent<'allocation.created' | 'allocation.reversed'>): JournalLine[] {
  const { paymentLocator, allocations } = data;
  return allocationCreated(
    allocations.map(({ amount, policyLocator, invoiceLocator, invoiceType }) => ({
      amount: fromWire(amount),
      receivable: receivableOf(invoiceType),
      ...{ policyLocator, invoiceLocator, paymentLocator },
    })),
  );
}
