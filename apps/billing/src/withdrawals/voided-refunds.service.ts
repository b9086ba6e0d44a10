import { Injectable } from '@nestjs/common';
import { newId } from '@quittance/service-kit/id';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Occasion } from '../allocations/occasion.ts';
import { ReferenceRepository } from '../allocations/reference.repository.ts';
import { keyOf } from '../domain/identity.ts';
import { TenantTime } from '../test-clocks/tenant-time.ts';
import type { HeldPayment } from './held-payment.ts';
import { HeldPaymentsService } from './held-payments.service.ts';
import type { Moved } from './held-payments.service.ts';
import { WithdrawalRepository } from './withdrawal.repository.ts';
import type { VoidedRefund } from './withdrawal.repository.ts';
import type { Disbursed } from './withdrawal.ts';

/** Refunds whose cheque was stopped: the money is the policy's again, unapplied, or in suspense where none is known. */
@Injectable()
export class VoidedRefundsService {
  constructor(
    private readonly payments: HeldPaymentsService,
    private readonly withdrawals: WithdrawalRepository,
    private readonly references: ReferenceRepository,
    private readonly time: TenantTime,
  ) {}

  async putBack(tx: Tx, events: readonly Disbursed[]): Promise<void> {
    const voids = events.filter(({ type, data }) => type === 'disbursement.voided' && data.refundId !== undefined);
    // One by one: a stopped cheque is rare, and two of one payment build on each other.
    for (const event of voids) await this.putBackOne(tx, event);
  }

  private async putBackOne(tx: Tx, event: Disbursed): Promise<void> {
    const { tenantid: tenantId, data } = event;
    const nowOf = await this.time.of(tx, [tenantId]);
    const payment = { tenantId, id: data.paymentLocator ?? '' };
    const held = (await this.payments.lock(tx, [payment])).get(keyOf(payment));
    const [refund] = await this.withdrawals.voidRefunds(tx, [{ tenantId, id: data.disbursementId }]);
    if (!held || !refund || refund.coveredMinor === 0n) return;
    const [known] = await this.references.resolve(tx, [{ tenantId, policyLocator: data.policyLocator }]);
    const occasion = { time: nowOf(tenantId), cause: event };
    const policy = known?.policy?.currency === refund.currency ? known.policy.locator : null;
    await this.payments.save(tx, [
      policy === null ? toSuspense(held, refund, occasion) : toPolicy(held, refund, { policy, occasion }),
    ]);
  }
}

function toPolicy(
  { received }: HeldPayment,
  { tenantId, paymentLocator, currency, coveredMinor }: VoidedRefund,
  { policy: ownerLocator, occasion }: { policy: string; occasion: Occasion },
): Moved {
  const owner = { tenantId, ownerType: 'policy', ownerLocator, currency } as const;
  const refundedMinor = received.refundedMinor - coveredMinor;
  return {
    received: { ...received, refundedMinor, unappliedMinor: received.unappliedMinor + coveredMinor },
    batches: [],
    funds: [{ ...owner, paymentLocator, kind: received.kind, deltaMinor: coveredMinor, occasion }],
    suspense: { closed: [], opened: [] },
  };
}

function toSuspense({ received }: HeldPayment, refund: VoidedRefund, occasion: Occasion): Moved {
  const { tenantId, paymentLocator, currency, coveredMinor: amountMinor } = refund;
  const item = { tenantId, id: newId(), paymentLocator, currency, amountMinor };
  const refundedMinor = received.refundedMinor - amountMinor;
  return {
    received: { ...received, refundedMinor, suspendedMinor: received.suspendedMinor + amountMinor },
    batches: [],
    funds: [],
    suspense: { closed: [], opened: [{ ...item, reason: 'refund_voided', clues: {}, occasion }] },
  };
}
