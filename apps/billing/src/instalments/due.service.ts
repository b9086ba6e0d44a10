import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CollectionAttemptRepository } from '../collections/collection-attempt.repository.ts';
import type { CollectionAttempt } from '../collections/collection-attempt.entity.ts';
import { moveInstalment } from '../domain/instalment.ts';
import type { Instalment } from '../domain/instalment.ts';
import { localDate, startOfDay } from '../domain/zone.ts';
import type { Invoice } from '../domain/invoice.ts';
import { InvoiceRepository } from '../invoices/invoice.repository.ts';
import { invoiceData } from '../invoices/invoice.events.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { DueInstalment } from './due.repository.ts';
import { instalmentData } from './instalment.events.ts';
import { InstalmentRepository } from './instalment.repository.ts';

const released = metrics.counter('billing_instalments_released_total', 'Instalments that became due');

interface Billed {
  readonly due: DueInstalment;
  readonly billed: Instalment;
  readonly invoice: Invoice;
}

/**
 * Makes an instalment owed: from its due date on there is an invoice, and its collection is asked for. Once each,
 * because the instalment leaves `scheduled` in the same transaction and its caller holds its lock.
 */
@Injectable()
export class DueService {
  constructor(
    private readonly instalments: InstalmentRepository,
    private readonly invoices: InvoiceRepository,
    private readonly attempts: CollectionAttemptRepository,
    private readonly outbox: Outbox,
  ) {}

  async release(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<void> {
    if (dues.length === 0) return;
    tx.afterCommit(() => released.inc(dues.length));
    const all = await this.bill(tx, dues, nowOf);
    await Promise.all([
      this.invoices.insert(
        tx,
        all.map(({ invoice }) => invoice),
      ),
      this.instalments.update(
        tx,
        // `instalment.billed` and `instalment.due`: two events, two versions.
        all.map(({ billed }) => ({ ...billed, version: billed.version + 1 })),
        dues.map(({ instalment }) => instalment.version),
      ),
      this.attempts.insert(tx, firstAttempts(dues, nowOf)),
      this.outbox.append(
        tx,
        all.flatMap((each) => eventsOf(each, nowOf)),
      ),
    ]);
  }

  /** In the order given, which the numbers of the invoices follow. */
  private async bill(tx: Tx, dues: readonly DueInstalment[], nowOf: NowOf): Promise<Billed[]> {
    const counts = new Map<string, number>();
    for (const { instalment } of dues) counts.set(instalment.tenantId, (counts.get(instalment.tenantId) ?? 0) + 1);
    const numbers = await this.invoices.takeNumbers(tx, counts);
    return dues.map((due) => {
      const { instalment } = due;
      const number = numbers.get(instalment.tenantId) ?? 0n;
      numbers.set(instalment.tenantId, number + 1n);
      const billed = {
        ...instalment,
        state: moveInstalment(instalment.state, 'bill'),
        version: instalment.version + 1,
      };
      return { due, billed, invoice: invoiceFor(due, number, nowOf) };
    });
  }
}

function invoiceFor({ instalment, policy, lines }: DueInstalment, number: bigint, nowOf: NowOf): Invoice {
  const { tenantId, currency, amountMinor, dueOn } = instalment;
  return {
    tenantId,
    id: newId(),
    number,
    type: 'instalment',
    policyLocator: instalment.policyLocator,
    instalmentId: instalment.id,
    state: 'open',
    currency,
    issuedOn: localDate(nowOf(tenantId), policy.timeZone),
    dueOn,
    originalDueOn: dueOn,
    totalMinor: amountMinor,
    allocatedMinor: 0n,
    balanceMinor: amountMinor,
    items: lines.map((line, index) => ({ ...line, itemNo: index + 1, allocatedMinor: 0n })),
    version: 1,
  };
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

function eventsOf({ due, billed, invoice }: Billed, nowOf: NowOf): NewEvent[] {
  const { policy, lines, paidThrough, cause } = due;
  const { tenantId, id: subject, version } = billed;
  const data = instalmentData(billed, { policy, lines, invoiceId: invoice.id, paidThrough });
  const common = { tenantId, time: nowOf(tenantId), cause };
  return [
    {
      ...common,
      type: 'invoice.issued',
      subject: invoice.id,
      sequence: invoice.version,
      data: invoiceData(invoice, policy.policyholderLocator),
    },
    { ...common, type: 'instalment.billed', subject, sequence: version, data },
    { ...common, type: 'instalment.due', subject, sequence: version + 1, data: { ...data, attempt: 1 } },
  ];
}
