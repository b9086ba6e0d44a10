import { Injectable } from '@nestjs/common';
import type { QuittanceEvent } from '@quittance/events/envelope';
import type { Tx } from '@quittance/service-kit/database/tx';
import { newId } from '@quittance/service-kit/id';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { metrics } from '@quittance/service-kit/telemetry/metrics';
import { CommissionsService } from '../commissions/commissions.service.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import type { Invoice, InvoiceType } from '../domain/invoice.ts';
import { localDate } from '../domain/zone.ts';
import type { PolicyView } from '../instalments/instalment.events.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import { invoiceData } from './invoice.events.ts';
import { InvoiceRepository } from './invoice.repository.ts';

const issued = metrics.counter('billing_invoices_issued_total', 'Invoices issued, by type', ['type']);

/** Something that is owed, or given back, and has no invoice yet. */
export interface InvoiceDraft {
  readonly tenantId: string;
  readonly type: InvoiceType;
  readonly policy: PolicyView;
  /** Null where no policy of ours is meant. */
  readonly policyLocator: string | null;
  readonly subscriptionId?: string;
  readonly instalmentId: string | null;
  readonly currency: string;
  readonly dueOn: CalendarDate;
  /** Positive; of a credit memo negative. */
  readonly items: readonly DraftItem[];
  readonly cause?: QuittanceEvent | undefined;
}

export interface DraftItem {
  readonly chargeId: string | null;
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
}

/** Issues invoices: numbered without a gap, and never edited afterwards. */
@Injectable()
export class IssueService {
  constructor(
    private readonly invoices: InvoiceRepository,
    private readonly commissions: CommissionsService,
    private readonly outbox: Outbox,
  ) {}

  /** In the order given, which the numbers follow. Takes the tenants' counters: after every other lock. */
  async issue(tx: Tx, drafts: readonly InvoiceDraft[], nowOf: NowOf): Promise<Invoice[]> {
    if (drafts.length === 0) return [];
    const counts = new Map<string, number>();
    for (const { tenantId } of drafts) counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1);
    const numbers = await this.invoices.takeNumbers(tx, counts);
    const invoices = drafts.map((draft) => {
      const number = numbers.get(draft.tenantId) ?? 0n;
      numbers.set(draft.tenantId, number + 1n);
      return invoiceOf(draft, number, nowOf);
    });
    tx.afterCommit(() => invoices.forEach(({ type }) => issued.inc({ type })));
    await Promise.all([
      this.invoices.insert(tx, invoices),
      this.outbox.append(
        tx,
        invoices.map((invoice, index) => invoiceIssued(invoice, drafts[index]!, nowOf)),
      ),
      // Sent after the statement that inserts them.
      this.commissions.follow(tx, drafts.flatMap(touchedBy(nowOf))),
    ]);
    return invoices;
  }
}

/** Not by a credit memo: what it takes off is followed with its credit, which may pay something in the same breath. */
function touchedBy(nowOf: NowOf) {
  return ({ tenantId, type, policyLocator: locator, subscriptionId, cause }: InvoiceDraft) =>
    locator === null || subscriptionId !== undefined || type === 'credit_memo'
      ? []
      : [{ tenantId, locator, occasion: { time: nowOf(tenantId), cause } }];
}

function invoiceOf(draft: InvoiceDraft, number: bigint, nowOf: NowOf): Invoice {
  const { tenantId, type, policy, policyLocator, subscriptionId = null, instalmentId, currency, dueOn } = draft;
  const totalMinor = draft.items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  // A credit memo is settled the moment it is issued: its money is a credit.
  const isMemo = type === 'credit_memo';
  const allocatedMinor = isMemo ? totalMinor : 0n;
  return {
    tenantId,
    id: newId(),
    number,
    type,
    policyLocator,
    subscriptionId,
    instalmentId,
    state: isMemo ? 'paid' : 'open',
    currency,
    issuedOn: localDate(nowOf(tenantId), policy.timeZone),
    dueOn,
    originalDueOn: dueOn,
    totalMinor,
    allocatedMinor,
    balanceMinor: totalMinor - allocatedMinor,
    items: draft.items.map((item, index) => ({
      ...item,
      itemNo: index + 1,
      allocatedMinor: isMemo ? item.amountMinor : 0n,
      writtenOffMinor: 0n,
    })),
    version: 1,
  };
}

function invoiceIssued(invoice: Invoice, { policy, cause }: InvoiceDraft, nowOf: NowOf): NewEvent {
  return {
    type: 'invoice.issued',
    tenantId: invoice.tenantId,
    subject: invoice.id,
    sequence: invoice.version,
    data: invoiceData(invoice, policy),
    time: nowOf(invoice.tenantId),
    cause,
  };
}
