import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import type { CollectionAttempt } from '../collections/collection-attempt.entity.ts';
import { moveInstalment } from '../domain/instalment.ts';
import type { Instalment, InstalmentSource } from '../domain/instalment.ts';
import { localDate, startOfDay } from '../domain/zone.ts';
import type { InvoiceType } from '../domain/invoice.ts';
import { netItems } from '../domain/net-items.ts';
import { IssueService } from '../invoices/issue.service.ts';
import type { InvoiceDraft } from '../invoices/issue.service.ts';
import { ScheduleRepository } from '../schedules/schedule.repository.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { DueInstalment } from './due.repository.ts';
import { instalmentData } from './instalment.events.ts';
import { InstalmentRepository } from './instalment.repository.ts';

const released = metrics.counter('billing_instalments_released_total', 'Instalments that became due');

/** What kind of invoice an instalment gets. */
const invoiceTypes: Record<InstalmentSource, InvoiceType> = {
  plan: 'instalment',
  reinstatement: 'instalment',
  endorsement: 'endorsement',
  catch_up: 'catch_up',
  final: 'final',
};

/**
 * Makes an instalment owed: from its due date on there is an invoice, and its collection is asked for. Once each,
 * because the instalment leaves `scheduled` in the same transaction and its caller holds its lock.
 */
@Injectable()
export class DueService {
  constructor(
    private readonly instalments: InstalmentRepository,
    private readonly schedules: ScheduleRepository,
    private readonly issuing: IssueService,
    private readonly attempts: CollectionAttemptRepository,
    private readonly outbox: Outbox,
  ) {}

  async release(tx: Tx, all: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    const dues = all.filter(({ instalment }) => instalment.amountMinor > 0n);
    await this.passOver(
      tx,
      all.filter(({ instalment }) => instalment.amountMinor === 0n),
      nowOf,
    );
    if (dues.length === 0) return;
    tx.afterCommit(() => released.inc(dues.length));
    const invoices = await this.issuing.issue(tx, dues.map(draftOf), nowOf);
    // `instalment.billed` and `instalment.due`: two events, two versions.
    const billed = dues.map(({ instalment }) => ({
      ...instalment,
      state: moveInstalment(instalment.state, 'bill'),
      version: instalment.version + 2,
    }));
    await Promise.all([
      this.instalments.update(
        tx,
        billed,
        dues.map(({ instalment }) => instalment.version),
      ),
      this.instalments.announce(tx, billed, nowOf),
      this.attempts.insert(tx, firstAttempts(dues, nowOf)),
      this.outbox.append(
        tx,
        dues.flatMap((due, index) => eventsOf(due, billed[index]!, { invoiceId: invoices[index]!.id, nowOf })),
      ),
    ]);
  }

  /** There is no invoice for nothing: it is paid when its date comes, so that cover behind it counts. */
  private async passOver(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    if (dues.length === 0) return;
    const paid = dues.map(({ instalment }) => ({
      ...instalment,
      state: moveInstalment(instalment.state, 'owe_nothing'),
      version: instalment.version + 1,
    }));
    await Promise.all([
      this.instalments.update(
        tx,
        paid,
        dues.map(({ instalment }) => instalment.version),
      ),
      this.outbox.append(
        tx,
        dues.map((due, index) => nothingPaid(due, paid[index]!, nowOf(due.instalment.tenantId))),
      ),
    ]);
    await this.schedules.cover(
      tx,
      paid.map(({ tenantId, scheduleId: id }) => ({ tenantId, id })),
    );
  }
}

function nothingPaid(
  { policy, lines, paidThrough, cause }: DueInstalment,
  instalment: Instalment,
  time: Date,
): NewEvent {
  const { tenantId, id: subject, version: sequence } = instalment;
  const data = instalmentData(instalment, { policy, lines, invoiceId: null, paidThrough });
  return { type: 'instalment.paid', tenantId, subject, sequence, data, time, cause };
}

function draftOf({ instalment, policy, lines, cause }: DueInstalment): InvoiceDraft {
  const { tenantId, id: instalmentId, policyLocator, currency, dueOn } = instalment;
  const type = invoiceTypes[instalment.source];
  return { tenantId, type, policy, policyLocator, instalmentId, currency, dueOn, items: netItems(lines), cause };
}

/** Where nobody charges a method there is nothing to try again. */
function firstAttempts(dues: readonly DueInstalment[], nowOf: NowOf): CollectionAttempt[] {
  return dues
    .filter(({ policy }) => policy.collection === 'automatic')
    .map(({ instalment, policy }) => {
      const today = localDate(nowOf(instalment.tenantId), policy.timeZone);
      return {
        tenantId: instalment.tenantId,
        instalmentId: instalment.id,
        attemptNo: 1,
        policyLocator: policy.locator,
        state: 'requested',
        nextAttemptOn: today,
        nextAttemptAt: startOfDay(today, policy.timeZone),
      };
    });
}

function eventsOf(
  { policy, lines, paidThrough, cause }: DueInstalment,
  billed: Instalment,
  { invoiceId, nowOf }: { invoiceId: string; nowOf: NowOf },
): NewEvent[] {
  const { tenantId, id: subject, version } = billed;
  const data = instalmentData(billed, { policy, lines, invoiceId, paidThrough });
  const common = { tenantId, subject, time: nowOf(tenantId), cause };
  return [
    { ...common, type: 'instalment.billed', sequence: version - 1, data },
    { ...common, type: 'instalment.due', sequence: version, data: { ...data, attempt: 1 } },
  ];
}
