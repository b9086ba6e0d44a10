import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { PaymentsConfig } from '../config.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { payByCheck } from '../domain/refund-check.ts';
import type { PaidDecision } from '../domain/refund-check.ts';
import { applyRefundOutcome, isMethodGone, parseRefundKey } from '../domain/refund-outcome.ts';
import type { RefundAlarm, RefundOutcome } from '../domain/refund-outcome.ts';
import { submitRefund } from '../domain/refund.ts';
import type { Refund, RefundDecision } from '../domain/refund.ts';
import { FlagsService } from '../flags/flags.service.ts';
import type { Concern } from '../flags/flags.service.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { doubleRecovery } from './double-recovery.ts';
import { RefundBook } from './refund-book.ts';
import { RefundRepository } from './refund.repository.ts';
import type { RefundOfPayment } from './refund.repository.ts';

export interface RefundResult {
  /** Our key, as the provider knows it: `<refund id>_<n>`. */
  readonly key: string;
  readonly outcome: ProviderOutcome;
}

const outcomes = metrics.counter('payments_refund_outcomes_total', 'What providers said of refunds.', ['outcome']);
const alarms = metrics.counter('payments_refund_alarms_total', 'Refunds that a person has to look at.', ['reason']);

/**
 * What becomes of refunds: claimed before the provider is called, recorded after it answered, each in its own commit.
 */
@Injectable()
export class RefundsService {
  private readonly log = new Logger(RefundsService.name);

  constructor(
    private readonly refunds: RefundRepository,
    private readonly book: RefundBook,
    private readonly flags: FlagsService,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  /** The refunds that this process is to send now; whoever claimed one first has it. */
  async claimToSend(tx: Tx, limit: number): Promise<Refund[]> {
    const found = await this.refunds.findToSend(tx, limit);
    const sent: Refund[] = [];
    await this.book.lockMany(tx, found);
    for (const key of found) {
      const at = await this.book.lock(tx, key);
      if (at.refund.state !== 'requested' && at.refund.state !== 'approved') continue;
      const { businessOn } = await this.time.today(tx, key.tenantId);
      const now = this.clock.now();
      const decision = submitRefund(at, { now, checkAt: this.leaseFrom(now), businessOn });
      await this.book.save(tx, { decision });
      if (decision.refund.state === 'processing') sent.push(decision.refund);
    }
    return sent;
  }

  claimToCheck(tx: Tx, limit: number): Promise<Refund[]> {
    const now = this.clock.now();
    return this.refunds.claimToCheck(tx, limit, now, this.leaseFrom(now));
  }

  /**
   * Records what providers said, by our keys. Saying it twice changes nothing: a refund that has its outcome keeps it,
   * and a key that is none of ours is nobody's.
   */
  async record(tx: Tx, results: readonly RefundResult[]): Promise<void> {
    const ids = results.flatMap(({ key }) => parseRefundKey(key)?.id ?? []);
    const owners = new Map((await this.refunds.findNamed(tx, ids)).map((owner) => [owner.id, owner]));
    // All at once and in one order, so that those who record the same wait for each other.
    await this.book.lockMany(tx, [...owners.values()]);
    for (const { key, outcome } of results) {
      const named = parseRefundKey(key);
      const owner = named && owners.get(named.id);
      if (owner) await this.hear(tx, { owner, n: named.n, outcome });
    }
  }

  private async hear(tx: Tx, said: { owner: RefundOfPayment; n: number; outcome: ProviderOutcome }): Promise<void> {
    const { owner, n, outcome } = said;
    const at = await this.book.lock(tx, owner);
    const { on } = await this.time.today(tx, owner.tenantId);
    const hearing = { n, on, now: this.clock.now(), resolveAfterMs: this.config.unknownResolveAfterMs };
    const heard = applyRefundOutcome(at, outcome, hearing);
    const paid = this.afterNo(heard);
    const { decision } = paid;
    if (decision.refund !== at.refund) await this.book.save(tx, paid);
    const concern = concernOf(decision, heard.alarm, n);
    if (concern) await this.flags.raise(tx, decision.payment, concern);
    this.report(tx, { from: at.refund, heard: { ...heard, refund: decision.refund }, outcome, n });
  }

  /** A refund whose way back is closed for good becomes a cheque, where the configuration says so. */
  private afterNo(heard: RefundOutcome): PaidDecision {
    const { refund, payment } = heard;
    const isDue = this.config.refundByCheckWhenMethodGone && heard.facts.some(({ type }) => type === 'failed');
    // A payment that was taken back meanwhile is not paid out again.
    if (!isDue || payment.state !== 'posted' || !refund.failure || !isMethodGone(refund.failure)) {
      return { decision: heard };
    }
    return payByCheck(heard, { disbursementId: newId(), requestedBy: refund.requestedBy, now: this.clock.now() });
  }

  private leaseFrom(now: Date): Date {
    return new Date(now.getTime() + this.config.attemptLeaseMs);
  }

  /** One wide line for each outcome, when it is true. */
  private report(tx: Tx, told: { from: Refund; heard: RefundOutcome; outcome: ProviderOutcome; n: number }): void {
    const { from, heard, outcome, n } = told;
    const { tenantId, id: refundId, paymentId, provider, checks, state, failure, note, disbursementId } = heard.refund;
    const tookMs = from.submittedAt ? this.clock.now().getTime() - from.submittedAt.getTime() : null;
    const line = {
      ...{ tenantId, refundId, paymentId, n, provider, checks, tookMs, outcome: outcome.kind, from: from.state },
      ...{ to: state, code: failure?.code, note, disbursementId, alarm: heard.alarm },
    };
    tx.afterCommit(() => {
      outcomes.inc({ outcome: outcome.kind });
      if (heard.alarm === undefined) return this.log.log(line, 'refund recorded');
      alarms.inc({ reason: heard.alarm });
      this.log.error(line, 'refund needs a person');
    });
  }
}

/** What a person has to know: a word that does not fit, or money that left twice. */
function concernOf(decision: RefundDecision, alarm: RefundAlarm | undefined, n: number): Concern | null {
  const { refund, facts } = decision;
  if (alarm !== undefined) return { reason: alarm, detail: `Refund ${refund.id}, attempt ${n}, is ${refund.state}.` };
  return facts.some(({ type }) => type === 'succeeded') ? doubleRecovery(decision) : null;
}
