import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { rowsOfBatch } from '../allocations/allocation-batch.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import type { ReceivedPayment } from '../allocations/allocation.entity.ts';
import { AllocationRepository } from '../allocations/allocation.repository.ts';
import type { CreditChange } from '../allocations/credit.events.ts';
import { CreditTeller } from '../allocations/credit-teller.service.ts';
import { ReceivedPaymentRepository } from '../allocations/received-payment.repository.ts';
import { SuspenseItemRepository } from '../allocations/suspense-item.repository.ts';
import type { Occasion } from '../allocations/occasion.ts';
import { SuspenseService } from '../allocations/suspense.service.ts';
import type { SuspenseTaken } from '../allocations/suspense.service.ts';
import { UnappliedFundRepository } from '../allocations/unapplied-fund.repository.ts';
import { UnappliedFundsService } from '../allocations/unapplied-funds.service.ts';
import type { FundChange } from '../allocations/unapplied-funds.service.ts';
import { distinct, keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { batchesOf } from './held-payment.ts';
import type { HeldPayment } from './held-payment.ts';

/** What became of a payment's money. */
export interface Moved {
  readonly received: ReceivedPayment;
  readonly batches: readonly AllocationBatch[];
  readonly funds: readonly FundChange[];
  readonly suspense: SuspenseTaken;
  /** What that means for it, where it is a credit: that is said in an event of its own. */
  readonly credited?: CreditChange;
  readonly occasion?: Occasion;
}

/** Everything that payments hold here, read under their locks and written back. */
@Injectable()
export class HeldPaymentsService {
  constructor(
    private readonly received: ReceivedPaymentRepository,
    private readonly allocations: AllocationRepository,
    private readonly shares: UnappliedFundRepository,
    private readonly funds: UnappliedFundsService,
    private readonly items: SuspenseItemRepository,
    private readonly suspense: SuspenseService,
    private readonly credits: CreditTeller,
  ) {}

  /** By the text of their keys; a payment that was never posted here is not among them. */
  async lock(tx: Tx, named: readonly TenantKey[]): Promise<Map<string, HeldPayment>> {
    const keys = distinct(named);
    // One round trip: the later statements see what the lock waited for.
    const [received, rows, shares, items] = await Promise.all([
      this.received.lock(tx, keys),
      this.allocations.applied(tx, keys),
      this.shares.shares(tx, keys),
      this.items.openOf(tx, keys),
    ]);
    return new Map(
      received.map((payment) => {
        const { tenantId, locator } = payment;
        const isOwn = (row: { tenantId: string; paymentLocator: string }) =>
          row.tenantId === tenantId && row.paymentLocator === locator;
        const batches = batchesOf(rows.filter(isOwn));
        const held = { received: payment, batches, shares: shares.filter(isOwn), items: items.filter(isOwn) };
        return [keyOf({ tenantId, id: locator }), held];
      }),
    );
  }

  /** Takes the locks of funds: after those of the policies. */
  async save(tx: Tx, changes: readonly Moved[]): Promise<void> {
    const moved = changes.map(withNextVersion);
    await Promise.all([
      this.received.update(
        tx,
        moved.map(({ received }) => received),
      ),
      this.credits.tell(tx, moved),
      this.allocations.insert(
        tx,
        moved.flatMap(({ batches }) => batches.flatMap(rowsOfBatch)),
      ),
      this.suspense.take(tx, {
        closed: moved.flatMap(({ suspense }) => suspense.closed),
        applied: moved.flatMap(({ suspense }) => suspense.applied ?? []),
        opened: moved.flatMap(({ suspense }) => suspense.opened),
      }),
      this.funds.change(
        tx,
        moved.flatMap(({ funds }) => funds),
      ),
    ]);
  }
}

/** A payment is another service's aggregate; of a credit every change is told, and counted. */
function withNextVersion(moved: Moved): Moved {
  const { received } = moved;
  if (received.kind === 'payment') return moved;
  return { ...moved, received: { ...received, version: received.version + 1 } };
}
