import type { EventData } from '@quittance/events/catalogue';
import { toWire } from '@quittance/money/wire';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Instalment } from '../domain/instalment.ts';
import type { Policy } from '../domain/policy.ts';

/** What an event about an instalment says beyond the instalment itself. */
export type PolicyView = Pick<
  Policy,
  'locator' | 'policyholderLocator' | 'timeZone' | 'collection' | 'paymentMethodId'
>;

export interface AmountLine {
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
}

type WireLine = EventData<'instalment.billed'>['lines'][number];

export function wireLines(lines: readonly AmountLine[], currency: string): WireLine[] {
  return lines.map(({ category, code, amountMinor }) => ({
    category: category as WireLine['category'],
    ...(code === null ? {} : { code }),
    amount: toWire({ minor: amountMinor, currency }),
  }));
}

export interface InstalmentContext {
  readonly policy: PolicyView;
  readonly lines: readonly AmountLine[];
  /** None where nothing was owed, or not yet. */
  readonly invoiceId: string | null;
  readonly paidThrough: CalendarDate | null;
}

/** The instalment as it is now, for `instalment.*` events; the ones that start a charge also need `attempt`. */
export function instalmentData(instalment: Instalment, context: InstalmentContext): EventData<'instalment.billed'> {
  const { policy, lines, invoiceId, paidThrough } = context;
  const { currency } = instalment;
  return {
    instalmentId: instalment.id,
    scheduleId: instalment.scheduleId,
    number: instalment.number,
    source: instalment.source,
    dueOn: instalment.dueOn,
    originalDueOn: instalment.originalDueOn,
    periodStart: instalment.periodStart,
    periodEnd: instalment.periodEnd,
    amount: toWire({ minor: instalment.amountMinor, currency }),
    balance: toWire({ minor: instalment.balanceMinor, currency }),
    lines: wireLines(lines, currency),
    state: instalment.state,
    paidThrough,
    policyLocator: policy.locator,
    policyholderLocator: policy.policyholderLocator,
    ...(invoiceId === null ? {} : { invoiceLocator: invoiceId }),
    collection: policy.collection,
    ...(policy.paymentMethodId === null ? {} : { paymentMethodId: policy.paymentMethodId }),
  };
}

/** For the events that start a charge. `instalment.due` itself is made in the database, by `dueDataSql`. */
export function dueData(
  instalment: Instalment,
  context: InstalmentContext & { readonly invoiceId: string },
  { attempt, autopayOn }: { attempt: number; autopayOn: CalendarDate | null },
): EventData<'instalment.due'> {
  const { invoiceId: invoiceLocator } = context;
  const dated = autopayOn === null ? {} : { autopayOn };
  return { ...instalmentData(instalment, context), invoiceLocator, attempt, ...dated };
}
