import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { PaymentsConfig } from '../config.ts';
import { dateOf } from '../domain/calendar.ts';
import { act } from '../domain/disbursement.ts';
import type { Disbursement, DisbursementDecision, DisbursementOrder } from '../domain/disbursement.ts';
import { fieldError, notFound } from '../domain/errors.ts';
import { assertStillOwed } from '../domain/refund-check.ts';
import { RefundChecks } from '../refunds/refund-checks.service.ts';
import { TenantTime } from '../test-clock/tenant-time.ts';
import { disbursementEvent } from './disbursement-event.ts';
import { DisbursementRepository } from './disbursement.repository.ts';
import type { DisbursementFilter, DisbursementKey } from './disbursement.repository.ts';

export type Ordered = Omit<DisbursementOrder, 'now' | 'on'>;

const moves = metrics.counter('payments_disbursement_moves_total', 'What happened to disbursements.', ['move']);

/** What people, and time, do with disbursements. */
@Injectable()
export class DisbursementsService {
  private readonly log = new Logger(DisbursementsService.name);

  constructor(
    private readonly disbursements: DisbursementRepository,
    private readonly refunds: RefundChecks,
    private readonly outbox: Outbox,
    private readonly time: TenantTime,
    private readonly clock: Clock,
    private readonly config: PaymentsConfig,
  ) {}

  async get(tx: Tx, key: DisbursementKey): Promise<Disbursement> {
    return existing(await this.disbursements.find(tx, key), key);
  }

  list(tx: Tx, page: { tenantId: string; filter: DisbursementFilter; beforeId: string | null; limit: number }) {
    return this.disbursements.page(tx, page);
  }

  /** Moves a disbursement on, and with it the refund that it pays. */
  async order(tx: Tx, key: DisbursementKey, ordered: Ordered): Promise<Disbursement> {
    const refund = await this.refunds.lock(tx, await this.get(tx, key));
    const disbursement = existing(await this.disbursements.lock(tx, key), key);
    const { on } = await this.time.today(tx, key.tenantId);
    const order = { ...ordered, on, now: this.clock.now() };
    // Whether it may move at all comes first: no number is drawn for a cheque that is not written.
    const decision = act(disbursement, order);
    if (refund) assertStillOwed(refund, disbursement, order.event);
    const numbered = order.event === 'execute' ? await this.numbered(tx, decision) : decision;
    await this.save(tx, disbursement, numbered, order);
    if (refund) await this.refunds.follow(tx, refund, order);
    return numbered.next;
  }

  /** Cheques that nobody has cashed in time; by each tenant's own date. */
  async markStale(tx: Tx, limit: number): Promise<number> {
    const now = this.clock.now();
    const today = dateOf(now);
    const uncashed = await this.disbursements.lockUncashed(tx, { days: this.config.checkStaleAfterDays, today, limit });
    for (const disbursement of uncashed) {
      const order = { event: 'mark_stale', by: 'payments', on: today, now } as const;
      await this.save(tx, disbursement, act(disbursement, order), order);
    }
    return uncashed.length;
  }

  private async numbered(tx: Tx, { next, facts }: DisbursementDecision): Promise<DisbursementDecision> {
    const { tenantId, reference } = next;
    if (reference === null) {
      return { next: { ...next, reference: await this.disbursements.drawNumber(tx, tenantId) }, facts };
    }
    if (await this.disbursements.isNumberTaken(tx, tenantId, reference)) {
      throw fieldError('reference_taken', '/reference', 'another cheque bears this number');
    }
    return { next, facts };
  }

  private async save(
    tx: Tx,
    { state: from }: Disbursement,
    { next, facts }: DisbursementDecision,
    { event, by }: Pick<DisbursementOrder, 'event' | 'by'>,
  ): Promise<void> {
    await Promise.all([
      this.disbursements.update(tx, [next]),
      this.outbox.append(
        tx,
        facts.map((fact) => disbursementEvent(fact)),
      ),
    ]);
    const { tenantId, id: disbursementId, refundId, requestId, method, reference, state: to, failureCode } = next;
    tx.afterCommit(() => {
      moves.inc({ move: event });
      const line = { tenantId, disbursementId, refundId, requestId, method, reference, event, by, from, to };
      this.log.log({ ...line, code: failureCode }, 'disbursement moved');
    });
  }
}

function existing(disbursement: Disbursement | null, { id }: DisbursementKey): Disbursement {
  if (disbursement === null) throw notFound('disbursement', id);
  return disbursement;
}
