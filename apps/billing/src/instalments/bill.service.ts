import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import type { CollectionAttempt } from '../collections/collection-attempt.entity.ts';
import { moveInstalment } from '../domain/instalment.ts';
import type { Instalment, InstalmentSource } from '../domain/instalment.ts';
import type { Invoice, InvoiceType } from '../domain/invoice.ts';
import { netItems } from '../domain/net-items.ts';
import { IssueService } from '../invoices/issue.service.ts';
import type { InvoiceDraft } from '../invoices/issue.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { DueInstalment } from './due.repository.ts';
import { instalmentData } from './instalment.events.ts';
import { InstalmentRepository } from './instalment.repository.ts';
import { NothingOwedService } from './nothing-owed.service.ts';

const billedTotal = metrics.counter('billing_instalments_billed_total', 'Instalments whose invoice was issued');

/** What kind of invoice an instalment gets. */
const invoiceTypes: Record<InstalmentSource, InvoiceType> = {
  plan: 'instalment',
  reinstatement: 'instalment',
  endorsement: 'endorsement',
  catch_up: 'catch_up',
  final: 'final',
};

/**
 * Bills instalments: from now on there is an invoice, and money may be allocated to it. Once each, because an
 * instalment leaves `scheduled` in the same transaction and the caller holds the lock of its policy.
 */
@Injectable()
export class BillService {
  constructor(
    private readonly instalments: InstalmentRepository,
    private readonly issuing: IssueService,
    private readonly nothingOwed: NothingOwedService,
    private readonly attempts: CollectionAttemptRepository,
    private readonly outbox: Outbox,
  ) {}

  /** In the order given, which the invoices' numbers follow. One of nothing is settled, and only when it is due. */
  async bill(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    const owed = dues.filter(({ instalment }) => instalment.amountMinor > 0n);
    const nothing = dues.filter(
      ({ instalment, dueAt }) => instalment.amountMinor === 0n && dueAt <= nowOf(instalment.tenantId),
    );
    await this.nothingOwed.settle(tx, nothing, nowOf);
    if (owed.length === 0) return;
    tx.afterCommit(() => billedTotal.inc(owed.length));
    const invoices = await this.issuing.issue(tx, owed.map(draftOf), nowOf);
    const billed = owed.map(({ instalment }) => ({
      ...instalment,
      state: moveInstalment(instalment.state, 'bill'),
      version: instalment.version + 1,
    }));
    await Promise.all([
      this.instalments.update(
        tx,
        billed,
        owed.map(({ instalment }) => instalment.version),
      ),
      this.attempts.insert(tx, owed.flatMap(attemptOf)),
      this.outbox.append(
        tx,
        owed.map((due, index) => instalmentBilled(due, billed[index]!, invoices[index]!, nowOf)),
      ),
    ]);
  }
}

function draftOf({ instalment, policy, lines, cause }: DueInstalment): InvoiceDraft {
  const { tenantId, id: instalmentId, policyLocator, currency, dueOn } = instalment;
  const type = invoiceTypes[instalment.source];
  return { tenantId, type, policy, policyLocator, instalmentId, currency, dueOn, items: netItems(lines), cause };
}

/** Where a method is charged on another date than the due date, the first attempt waits for that date. */
function attemptOf({ instalment, policy, autopay }: DueInstalment): CollectionAttempt[] {
  if (autopay === null || policy.collection !== 'automatic') return [];
  const { tenantId, id: instalmentId } = instalment;
  const next = { nextAttemptOn: autopay.on, nextAttemptAt: autopay.at };
  return [{ tenantId, instalmentId, attemptNo: 1, policyLocator: policy.locator, state: 'waiting', ...next }];
}

function instalmentBilled(
  { policy, paidThrough, cause }: DueInstalment,
  billed: Instalment,
  invoice: Invoice,
  nowOf: NowOf,
): NewEvent {
  const { tenantId, id: subject, version: sequence } = billed;
  const data = instalmentData(billed, { policy, lines: invoice.items, invoiceId: invoice.id, paidThrough });
  return { type: 'instalment.billed', tenantId, subject, sequence, data, time: nowOf(tenantId), cause };
}
