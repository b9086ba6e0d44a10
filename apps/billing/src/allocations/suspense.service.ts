import { Injectable } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { covering } from '../domain/withdrawal.ts';
import type { SuspenseItem } from './allocation.entity.ts';
import type { Occasion } from './occasion.ts';
import { SuspenseItemRepository } from './suspense-item.repository.ts';
import type { StoredSuspenseItem } from './suspense-item.repository.ts';

export type NewSuspenseItem = SuspenseItem & { readonly occasion: Occasion };
export type ClosedSuspenseItem = StoredSuspenseItem & { readonly occasion: Occasion };

export interface SuspenseTaken {
  readonly closed: readonly ClosedSuspenseItem[];
  /** Whose owner was found: they pay debts now, or are unapplied. */
  readonly applied?: readonly ClosedSuspenseItem[];
  readonly opened: readonly NewSuspenseItem[];
}

/** Money whose owner nobody knows. An item is whole or gone: where a part leaves, the rest is a new item. */
@Injectable()
export class SuspenseService {
  constructor(
    private readonly items: SuspenseItemRepository,
    private readonly outbox: Outbox,
  ) {}

  async open(tx: Tx, items: readonly NewSuspenseItem[]): Promise<void> {
    await Promise.all([
      this.items.insert(tx, items),
      this.outbox.append(
        tx,
        items.map((item) => eventOf('suspense.opened', item, 1)),
      ),
    ]);
  }

  /** The money goes, with its payment or to be paid out. */
  async take(tx: Tx, { closed, applied = [], opened }: SuspenseTaken): Promise<void> {
    await Promise.all([
      this.items.close(tx, closed, 'returned'),
      this.items.close(tx, applied, 'applied'),
      this.outbox.append(tx, [
        ...closed.map((item) => eventOf('suspense.returned', item, item.version + 1)),
        ...applied.map((item) => eventOf('suspense.applied', item, item.version + 1)),
      ]),
      this.open(tx, opened),
    ]);
  }
}

/** Once, when it has been there for as long as the tenant bears. */
export function suspenseAged({ ageDays, ...item }: ClosedSuspenseItem & { readonly ageDays: number }): NewEvent {
  const { data, ...event } = eventOf('suspense.aged', item, item.version + 1);
  return { ...event, data: { ...data, ageDays } };
}

/** Items that hold an amount go, and what the last of them holds beyond it is a new one. */
export function takeSuspense(
  items: readonly StoredSuspenseItem[],
  amountMinor: bigint,
  occasion: Occasion,
): SuspenseTaken {
  const { rows, spareMinor } = covering(amountMinor, items);
  const closed = rows.map((item) => ({ ...item, occasion }));
  const last = closed.at(-1);
  return { closed, opened: last && spareMinor > 0n ? [{ ...last, id: newId(), amountMinor: spareMinor }] : [] };
}

type SuspenseEvent = 'suspense.opened' | 'suspense.returned' | 'suspense.applied' | 'suspense.aged';

function eventOf(type: SuspenseEvent, item: NewSuspenseItem, sequence: number): NewEvent<SuspenseEvent> {
  const { tenantId, id, paymentLocator, amountMinor, currency, reason, occasion } = item;
  const amount = toWire({ minor: amountMinor, currency });
  return {
    type,
    tenantId,
    subject: id,
    sequence,
    data: { suspenseId: id, paymentLocator, amount, reason },
    ...occasion,
  };
}
