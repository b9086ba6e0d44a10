import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { ownerOf } from '../domain/receipt.ts';
import type { Receipt } from './receipts.service.ts';
import { ReceivedPaymentRepository } from './received-payment.repository.ts';
import type { NewReceipt } from './received-payment.repository.ts';
import { SuspenseService } from './suspense.service.ts';
import type { NewSuspenseItem } from './suspense.service.ts';
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
    private readonly suspense: SuspenseService,
    private readonly funds: UnappliedFundsService,
  ) {}

  /** Takes the locks of funds: after those of the policies. */
  async receive(tx: Tx, remainders: readonly Remainder[]): Promise<void> {
    await Promise.all([
      this.received.insert(tx, remainders.map(receivedPayment)),
      this.suspense.open(tx, remainders.flatMap(suspenseItem)),
      this.funds.change(tx, remainders.flatMap(fundChange)),
    ]);
  }
}

function receivedPayment({ receipt, unappliedMinor }: Remainder): NewReceipt {
  const { tenantId, locator, kind, credit, amount, destination, effectiveDate } = receipt;
  const isSuspended = destination.kind === 'suspense';
  return {
    tenantId,
    locator,
    kind,
    credit,
    version: kind === 'payment' ? 0 : 1,
    currency: amount.currency,
    amountMinor: amount.minor,
    state: 'posted',
    allocatedMinor: amount.minor - unappliedMinor,
    unappliedMinor: isSuspended ? 0n : unappliedMinor,
    suspendedMinor: isSuspended ? unappliedMinor : 0n,
    refundedMinor: 0n,
    disbursedMinor: 0n,
    returnedMinor: 0n,
    effectiveDate,
  };
}

function fundChange({ receipt, unappliedMinor }: Remainder): FundChange[] {
  const { tenantId, locator, kind, amount, destination, effectiveDate, occasion } = receipt;
  const owner = ownerOf(destination);
  if (unappliedMinor === 0n || !owner) return [];
  const { currency } = amount;
  const about = { tenantId, ...owner, currency, paymentLocator: locator, kind };
  return [{ ...about, deltaMinor: unappliedMinor, effectiveDate, occasion }];
}

function suspenseItem({ receipt, unappliedMinor }: Remainder): NewSuspenseItem[] {
  const { tenantId, locator, amount, destination, named, occasion } = receipt;
  if (destination.kind !== 'suspense') return [];
  const { currency } = amount;
  const about = { paymentLocator: locator, currency, reason: destination.reason, clues: named };
  return [{ tenantId, id: newId(), ...about, amountMinor: unappliedMinor, occasion }];
}
