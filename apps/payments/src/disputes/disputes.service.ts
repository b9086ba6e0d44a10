import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { actOnDispute, contradicts, hearClaim, holdDisputed, openDispute } from '../domain/dispute.ts';
import type { Claim, Dispute, DisputeAction, DisputeFact } from '../domain/dispute.ts';
import { notFound } from '../domain/errors.ts';
import type { From } from '../domain/notification.ts';
import type { Payment } from '../domain/payment.ts';
import { PaymentRepository } from '../payments/payment.repository.ts';
import type { DisputeNews } from '../providers/notification.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { DisputeConsequences } from './dispute-consequences.service.ts';
import { toDisputeEvent } from './dispute-event.ts';
import { DisputeRepository } from './dispute.repository.ts';
import type { DisputeKey, DisputePage } from './dispute.repository.ts';

const said = metrics.counter('payments_disputes_total', 'What was said of disputes.', ['type']);

/** Follows the claims that cardholders and banks make to posted payments. */
@Injectable()
export class DisputesService {
  private readonly log = new Logger(DisputesService.name);

  constructor(
    private readonly disputes: DisputeRepository,
    private readonly payments: PaymentRepository,
    private readonly consequences: DisputeConsequences,
    private readonly time: TenantTime,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  /** @returns the tenant of the disputed payment; null when it is not here, or not posted yet */
  async hear(tx: Tx, news: DisputeNews & { occurredAt: Date }, from: From): Promise<string | null> {
    const { chargeRef, disputeRef: providerRef, currency } = news;
    const payment = await this.payments.lockOfCharge(tx, { ...from, chargeRef });
    if (payment?.currency !== currency) return null;
    const { tenantId, id: paymentId } = payment;
    const name = { tenantId, provider: from.provider, providerRef };
    const [found, { on: today }] = await Promise.all([
      this.disputes.lockOfRef(tx, name),
      this.time.today(tx, tenantId),
    ]);
    const claim: Claim = { ...claimOf(news), heardAt: news.occurredAt };
    const now = this.clock.now();
    const opened = found
      ? { next: found, facts: [] }
      : openDispute({ ...name, id: newId(), paymentId, currency }, claim, now);
    const { next, facts } = hearClaim(opened.next, claim, { payment, today, now });
    if (contradicts(next, claim)) await this.consequences.contradicted(tx, payment, next);
    if (next === found) return tenantId;
    if (found) await this.disputes.update(tx, next);
    else await this.disputes.insert(tx, next);
    const held = holdDisputed(payment, found, next);
    if (next.state === 'lost') await this.consequences.lost(tx, held, next);
    else if (held !== payment) await this.payments.update(tx, [held]);
    await this.say(tx, [...opened.facts, ...facts], payment);
    return tenantId;
  }

  async act(tx: Tx, key: DisputeKey, action: DisputeAction): Promise<Dispute> {
    const found = await this.get(tx, key);
    // The payment first, as everybody who locks both.
    const payment = await this.payments.lock(tx, { tenantId: key.tenantId, id: found.paymentId });
    const dispute = await this.disputes.lock(tx, key);
    if (!payment || !dispute) throw notFound('dispute', key.id);
    const { next, facts } = actOnDispute(dispute, action, this.clock.now());
    await Promise.all([this.disputes.update(tx, next), this.say(tx, facts, payment)]);
    return next;
  }

  async get(tx: Tx, key: DisputeKey): Promise<Dispute> {
    const dispute = await this.disputes.find(tx, key);
    if (!dispute) throw notFound('dispute', key.id);
    return dispute;
  }

  list(tx: Tx, page: DisputePage): Promise<Dispute[]> {
    return this.disputes.page(tx, page);
  }

  private async say(tx: Tx, facts: readonly DisputeFact[], payment: Payment): Promise<void> {
    await this.outbox.append(
      tx,
      facts.map((fact) => toDisputeEvent(fact, payment)),
    );
    tx.afterCommit(() => {
      for (const { type, dispute } of facts) {
        said.inc({ type });
        const { tenantId, id, paymentId, provider, stage, state, reasonCode, evidenceDueAt } = dispute;
        const line = { tenantId, disputeId: id, paymentId, provider, stage, state, reasonCode, evidenceDueAt };
        this.log.log(line, `dispute ${type}`);
      }
    });
  }
}

function claimOf({ stage, state, amountMinor, feeMinor, reasonCode, evidenceDueAt, decidedOn }: DisputeNews) {
  return { stage, state, amountMinor, feeMinor, reasonCode, evidenceDueAt, decidedOn };
}
