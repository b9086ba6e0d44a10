import { Injectable } from '@nestjs/common';
import { toWire } from '@quittance/money/wire';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { ReceivedPayment, SuspenseItem } from './allocation.entity.ts';
import type { Receipt } from './receipts.service.ts';
import { ReceivedPaymentRepository } from './received-payment.repository.ts';
import { SuspenseItemRepository } from './suspense-item.repository.ts';
import { UnappliedFundsService } from './unapplied-funds.service.ts';
import type { FundChange } from './unapplied-funds.service.ts';

/** A receipt, and what of it no invoice took. */
export interface Remainder {
  readonly receipt: Receipt;
  readonly unappliedMinor: bigint;
}

/** Writes down where the money of a payment is, and keeps what nothing could take. */
@Injectable()
export class RemaindersService {
  constructor(
    private readonly received: ReceivedPaymentRepository,
    private readonly suspense: SuspenseItemRepository,
    private readonly funds: UnappliedFundsService,
    private readonly outbox: Outbox,
  ) {}

  /** Takes the locks of funds: after those of the policies. */
  async receive(tx: Tx, remainders: readonly Remainder[]): Promise<void> {
    const items = remainders.flatMap(suspenseItem);
    await Promise.all([
      this.received.insert(tx, remainders.map(receivedPayment)),
      this.suspense.insert(tx, items),
      this.outbox.append(tx, items.map(suspenseOpened(remainders))),
      this.funds.change(tx, remainders.flatMap(fundChange)),
    ]);
  }
}

function receivedPayment({ receipt, unappliedMinor }: Remainder): ReceivedPayment {
  const { tenantId, locator, amount, destination, effectiveDate } = receipt;
  const isSuspended = destination.kind === 'suspense';
  return {
    tenantId,
    locator,
    currency: amount.currency,
    amountMinor: amount.minor,
    allocatedMinor: amount.minor - unappliedMinor,
    unappliedMinor: isSuspended ? 0n : unappliedMinor,
    suspendedMinor: isSuspended ? unappliedMinor : 0n,
    effectiveDate,
  };
}

function fundChange({ receipt, unappliedMinor }: Remainder): FundChange[] {
  const { tenantId, locator, amount, destination, occasion } = receipt;
  if (unappliedMinor === 0n || destination.kind === 'suspense') return [];
  const owner =
    destination.kind === 'policyholder'
      ? { ownerType: 'policyholder' as const, ownerLocator: destination.policyholderLocator }
      : { ownerType: 'policy' as const, ownerLocator: destination.policyLocator };
  const { currency } = amount;
  return [{ tenantId, ...owner, currency, paymentLocator: locator, deltaMinor: unappliedMinor, occasion }];
}

function suspenseItem({ receipt, unappliedMinor }: Remainder): SuspenseItem[] {
  const { tenantId, locator, amount, destination, named } = receipt;
  if (destination.kind !== 'suspense') return [];
  return [
    {
      tenantId,
      id: newId(),
      paymentLocator: locator,
      currency: amount.currency,
      amountMinor: unappliedMinor,
      reason: destination.reason,
      clues: named,
    },
  ];
}

function suspenseOpened(remainders: readonly Remainder[]): (item: SuspenseItem) => NewEvent {
  const occasions = new Map(remainders.map(({ receipt }) => [receipt.locator, receipt.occasion]));
  return ({ tenantId, id, paymentLocator, amountMinor, currency, reason }) => ({
    type: 'suspense.opened',
    tenantId,
    subject: id,
    sequence: 1,
    data: { suspenseId: id, paymentLocator, amount: toWire({ minor: amountMinor, currency }), reason },
    ...occasions.get(paymentLocator)!,
  });
}
