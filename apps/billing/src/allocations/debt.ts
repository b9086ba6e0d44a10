import { newId } from '@quittance/service-kit/id';
import type { OpenInvoice } from '../domain/allocation.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import {
  dueAgain,
  payInstalment,
  restoreInstalment,
  unpayInstalment,
  writeOffInstalment,
} from '../domain/instalment.ts';
import { accountOf, balanceOf, payInvoice, restoreInvoice, unpayInvoice, writeOffInvoice } from '../domain/invoice.ts';
import type { ItemPart, WriteOffCause } from '../domain/invoice.ts';
import { writeOffParts } from '../domain/write-off.ts';
import type { WriteOff } from '../domain/write-off.ts';
import { localDate } from '../domain/zone.ts';
import type { Occasion } from './occasion.ts';
import type { Receivable } from './receivable.repository.ts';

// An invoice and its instalment are two views of one debt: what changes the one changes the other alike.

export function paid({ invoice, instalment, policy }: Receivable, parts: readonly ItemPart[]): Receivable {
  return {
    invoice: payInvoice(invoice, parts),
    instalment: instalment && payInstalment(instalment, sumOf(parts)),
    policy,
  };
}

export function unpaid({ invoice, instalment, policy }: Receivable, parts: readonly ItemPart[]): Receivable {
  return {
    invoice: unpayInvoice(invoice, parts),
    instalment: instalment && unpayInstalment(instalment, sumOf(parts)),
    policy,
  };
}

export function writtenOff({ invoice, instalment, policy }: Receivable, { items, cause }: WriteOff): Receivable {
  return {
    invoice: writeOffInvoice(invoice, items, cause),
    instalment: instalment && writeOffInstalment(instalment, sumOf(items), cause),
    policy,
  };
}

export function restored({ invoice, instalment, policy }: Receivable, { items }: WriteOff): Receivable {
  return {
    invoice: restoreInvoice(invoice, items),
    instalment: instalment && restoreInstalment(instalment, sumOf(items)),
    policy,
  };
}

/** Owed again, and not before the end of `today`. */
export function dueBy({ invoice, instalment, policy }: Receivable, today: CalendarDate): Receivable {
  const dueOn = dueAgain(invoice.dueOn, today);
  return { invoice: { ...invoice, dueOn }, instalment: instalment && { ...instalment, dueOn }, policy };
}

export interface Decision {
  readonly cause: WriteOffCause;
  readonly reason: string | null;
  readonly occasion: Occasion;
}

/** A write-off of these parts of a debt, or of all that is left of it. */
export function writeOffOf({ invoice, policy }: Receivable, decision: Decision, parts?: readonly ItemPart[]): WriteOff {
  const { tenantId, id: invoiceId, currency } = invoice;
  const items = parts ?? writeOffParts(openInvoice(invoice).items, { kind: 'all' });
  const { cause, reason, occasion } = decision;
  return {
    ...{
      tenantId,
      id: newId(),
      invoiceId,
      cause,
      state: 'standing',
      currency,
      amountMinor: sumOf(items),
      items,
      reason,
    },
    ...{ writtenOffOn: localDate(occasion.time, policy.timeZone), reversedOn: null, version: 1 },
  };
}

export function openInvoice(invoice: Receivable['invoice']): OpenInvoice {
  const { id, number, issuedOn, dueOn } = invoice;
  const items = invoice.items.map((item) => {
    return { itemNo: item.itemNo, category: item.category, balanceMinor: balanceOf(item) };
  });
  return { id, number, policyLocator: accountOf(invoice), issuedOn, dueOn, items };
}

function sumOf(parts: readonly ItemPart[]): bigint {
  return parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}
