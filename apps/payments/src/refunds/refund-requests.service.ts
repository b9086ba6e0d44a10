import { Injectable } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { PaymentsConfig } from '../config.ts';
import { notFound } from '../domain/errors.ts';
import { payByCheck } from '../domain/refund-check.ts';
import type { PaidDecision } from '../domain/refund-check.ts';
import { approveRefund, requestRefund, retryRefund, withdrawRefund } from '../domain/refund.ts';
import type { Refund, RefundDecision, RefundRequest } from '../domain/refund.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import type { PaymentKey } from '../payments/payment.repository.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { approvalLimits } from './approval-limits.ts';
import { RefundBook } from './refund-book.ts';
import { RefundRepository } from './refund.repository.ts';
import type { RefundKey } from './refund.repository.ts';

export type AskedRefund = Pick<RefundRequest, 'amountMinor' | 'reason' | 'destination' | 'requestedBy'> & {
  /** One that the caller can find it by again. */
  readonly id?: string;
};

/** What people do with refunds: ask for one, decide about it, try it again, make it a cheque. */
@Injectable()
export class RefundRequests {
  private readonly limits: ReadonlyMap<string, bigint>;

  constructor(
    private readonly refunds: RefundRepository,
    private readonly payments: PaymentRepository,
    private readonly book: RefundBook,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    config: PaymentsConfig,
  ) {
    this.limits = approvalLimits(config.refundApprovalAbove);
  }

  async request(tx: Tx, key: PaymentKey, asked: AskedRefund): Promise<Refund> {
    const payment = await this.payments.lock(tx, key);
    if (payment === null) throw notFound('payment', key.id);
    const approvalAboveMinor = this.limits.get(payment.currency) ?? null;
    const requested = requestRefund(payment, { id: newId(), ...asked, approvalAboveMinor, now: this.clock.now() });
    const paid = this.readyToPay(requested);
    await this.book.insert(tx, paid);
    return paid.decision.refund;
  }

  async approve(tx: Tx, key: RefundKey, by: string): Promise<Refund> {
    const paid = this.readyToPay(approveRefund(await this.book.lock(tx, key), by));
    await this.book.save(tx, paid);
    return paid.decision.refund;
  }

  async withdraw(tx: Tx, key: RefundKey, how: { event: 'reject' | 'cancel'; by: string }): Promise<Refund> {
    const decision = withdrawRefund(await this.book.lock(tx, key), { ...how, now: this.clock.now() });
    await this.book.save(tx, { decision });
    return decision.refund;
  }

  /** Due at once: the resolver finds that nobody has seen the new key, and sends it. */
  async retry(tx: Tx, key: RefundKey): Promise<Refund> {
    const at = await this.book.lock(tx, key);
    const { businessOn } = await this.time.today(tx, key.tenantId);
    const now = this.clock.now();
    const decision = retryRefund(at, { now, checkAt: now, businessOn });
    await this.book.save(tx, { decision });
    return decision.refund;
  }

  async convert(tx: Tx, key: RefundKey, by: string): Promise<Refund> {
    const at = await this.book.lock(tx, key);
    const given = { disbursementId: newId(), requestedBy: by, now: this.clock.now() };
    const paid = payByCheck(at, given);
    await this.book.save(tx, paid);
    return paid.decision.refund;
  }

  async get(tx: Tx, key: RefundKey): Promise<Refund> {
    const refund = await this.refunds.find(tx, key);
    if (refund === null) throw notFound('refund', key.id);
    return refund;
  }

  async list(tx: Tx, page: { tenantId: string; paymentId: string; beforeId: string | null; limit: number }) {
    const { tenantId, paymentId: id } = page;
    const payment = await this.payments.find(tx, { tenantId, id });
    if (payment === null) throw notFound('payment', id);
    return this.refunds.page(tx, page);
  }

  /** The worker sends what goes by a provider; a cheque that needs no further word is a disbursement at once. */
  private readyToPay(decision: RefundDecision): PaidDecision {
    const { destination, state, requestedBy } = decision.refund;
    if (destination !== 'check' || state === 'pending_approval') return { decision };
    return payByCheck(decision, { disbursementId: newId(), requestedBy, now: this.clock.now() });
  }
}
