import { toItems } from './allocation.ts';
import type { OpenItem } from './allocation.ts';
import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';
import type { FieldProblem } from './errors.ts';
import type { Invoice, ItemPart, WriteOffCause } from './invoice.ts';

export const writeOffStates = ['standing', 'reversed'] as const;
export type WriteOffState = (typeof writeOffStates)[number];

export const writeOffEvents = ['reverse'] as const;
export type WriteOffEvent = (typeof writeOffEvents)[number];

export const writeOffTransitions: Record<WriteOffState, Partial<Record<WriteOffEvent, WriteOffState>>> = {
  standing: { reverse: 'reversed' },
  reversed: {},
};

/** @throws DomainError `invalid_transition` */
export function moveWriteOff(state: WriteOffState, event: WriteOffEvent): WriteOffState {
  const next = writeOffTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `A write-off that is ${state} cannot ${event}.`, {
      allowedActions: Object.keys(writeOffTransitions[state]),
    });
  }
  return next;
}

/** All that is owed, an amount of it in proportion to what each item lacks, or amounts of named items. */
export type WriteOffWish =
  | { readonly kind: 'all' }
  | { readonly kind: 'amount'; readonly amountMinor: bigint }
  | { readonly kind: 'items'; readonly items: readonly ItemPart[] };

/**
 * What of each item is written off.
 * @throws DomainError `write_off_refused` when nothing is owed, or less than that
 */
export function writeOffParts(items: readonly OpenItem[], wish: WriteOffWish): ItemPart[] {
  const owed = items.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0n);
  if (wish.kind === 'items') return namedParts(items, wish.items);
  const amountMinor = wish.kind === 'all' ? owed : wish.amountMinor;
  if (owed <= 0n) throw tooLarge([{ pointer: '/invoiceLocator', detail: 'nothing is owed on it' }]);
  if (amountMinor > owed) throw tooLarge([{ pointer: '/amount', detail: 'is more than is owed' }]);
  return toItems(amountMinor, items, 'pro_rata');
}

function namedParts(items: readonly OpenItem[], named: readonly ItemPart[]): ItemPart[] {
  const seen = new Set<number>();
  const faults = named.flatMap(({ itemNo, amountMinor }, index): FieldProblem[] => {
    const owed = items.find((item) => item.itemNo === itemNo)?.balanceMinor;
    if (owed === undefined) return [{ pointer: `/items/${index}/itemNo`, detail: 'is no item of this invoice' }];
    if (seen.has(itemNo)) return [{ pointer: `/items/${index}/itemNo`, detail: 'is there twice' }];
    seen.add(itemNo);
    return amountMinor > owed ? [{ pointer: `/items/${index}/amount`, detail: 'is more than is owed' }] : [];
  });
  if (faults.length > 0) throw tooLarge(faults);
  return named.toSorted((a, b) => a.itemNo - b.itemNo);
}

function tooLarge(errors: readonly FieldProblem[]): DomainError {
  return new DomainError('write_off_refused', 'There is not that much owed.', { errors });
}

/** What of one invoice nobody is asked for any more. */
export interface WriteOff {
  readonly tenantId: string;
  readonly id: string;
  readonly invoiceId: string;
  readonly cause: WriteOffCause;
  readonly state: WriteOffState;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly items: readonly ItemPart[];
  readonly reason: string | null;
  readonly writtenOffOn: CalendarDate;
  readonly reversedOn: CalendarDate | null;
  readonly version: number;
}

/** @throws DomainError `invalid_transition` when it was reversed before */
export function reverseWriteOff<T extends WriteOff>(writeOff: T, on: CalendarDate): T {
  const state = moveWriteOff(writeOff.state, 'reverse');
  return { ...writeOff, state, reversedOn: on, version: writeOff.version + 1 };
}

/** A fee of which nothing was paid, written off by a person: that is for good, so that it is told of once. */
export function isWaiver(
  { cause, amountMinor }: Pick<WriteOff, 'cause' | 'amountMinor'>,
  { type, totalMinor }: Pick<Invoice, 'type' | 'totalMinor'>,
): boolean {
  return type === 'fee' && cause === 'manual' && amountMinor === totalMinor;
}
