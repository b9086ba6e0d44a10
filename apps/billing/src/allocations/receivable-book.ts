import type { QuittanceEvent } from '@quittance/events/envelope';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { OpenInvoice } from '../domain/allocation.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { dueAgain, moveInstalment, payInstalment, unpayInstalment } from '../domain/instalment.ts';
import type { Instalment } from '../domain/instalment.ts';
import { accountOf, annulMemo, balanceOf, isOpen, moveInvoice, payInvoice, unpayInvoice } from '../domain/invoice.ts';
import type { ItemPart } from '../domain/invoice.ts';
import { moveSchedule, paidThrough } from '../domain/schedule.ts';
import type { ScheduleState } from '../domain/schedule.ts';
import { instalmentData } from '../instalments/instalment.events.ts';
import { invoiceData } from '../invoices/invoice.events.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import type { Coverage, ScheduleProgress } from '../schedules/schedule.repository.ts';
import type { Receivable } from './receivable.repository.ts';

/** When it happened by the tenant's clock, and the event that made us do it, if none of a person's doing. */
export interface Occasion {
  readonly time: Date;
  readonly cause?: QuittanceEvent | undefined;
}

/** A policy of which a transaction changed something, and why. */
export interface TouchedPolicy extends PolicyKey {
  readonly occasion: Occasion;
}

interface Entry {
  readonly before: Receivable;
  now: Receivable;
}

interface Cover {
  readonly coverage: Coverage;
  state: ScheduleState;
  instalments: Coverage['instalments'];
}

/**
 * The debts of some policies while one transaction changes them: every change is made on what the one before left, so
 * that of two payments in a batch the second sees what the first paid. The policies are locked; the caller saves last.
 */
export class ReceivableBook {
  private readonly entries: Map<string, Entry>;
  private readonly covers: Map<string, Cover>;
  private readonly touchedPolicies = new Map<string, TouchedPolicy>();

  constructor(receivables: readonly Receivable[], coverages: readonly Coverage[]) {
    this.entries = new Map(receivables.map((each) => [keyOf(each.invoice), { before: each, now: each }]));
    this.covers = new Map(
      coverages.map((coverage) => [
        keyOf(coverage),
        { coverage, state: coverage.state, instalments: coverage.instalments },
      ]),
    );
  }

  /** The open invoices of a policy, or only the one named. */
  open({ tenantId, locator }: PolicyKey, invoiceId?: string): OpenInvoice[] {
    return [...this.entries.values()]
      .map(({ now }) => now.invoice)
      .filter((invoice) => invoice.tenantId === tenantId && accountOf(invoice) === locator && isOpen(invoice.state))
      .filter(({ id }) => invoiceId === undefined || id === invoiceId)
      .map(({ id, number, dueOn, items }) => ({
        id,
        number,
        dueOn,
        items: items.map((item) => ({ itemNo: item.itemNo, balanceMinor: balanceOf(item) })),
      }));
  }

  get(key: TenantKey): Receivable {
    const entry = this.entries.get(keyOf(key));
    if (!entry) throw new Error(`invoice ${key.id} was not loaded`);
    return entry.now;
  }

  /** The events of a part payment, or of the last one. */
  pay(key: TenantKey, parts: readonly ItemPart[], occasion: Occasion): NewEvent[] {
    const { invoice, instalment, policy } = this.get(key);
    const next = this.put(
      {
        invoice: payInvoice(invoice, parts),
        instalment: instalment && payInstalment(instalment, sumOf(parts)),
        policy,
      },
      occasion,
    );
    const suffix = next.invoice.state === 'paid' ? 'paid' : 'partially_paid';
    return this.eventsOf(next, [`invoice.${suffix}`, `instalment.${suffix}`], occasion);
  }

  /** The events of a payment taken back: what it had settled is owed again, and not before the end of `today`. */
  unpay(key: TenantKey, parts: readonly ItemPart[], today: CalendarDate, occasion: Occasion): NewEvent[] {
    const { invoice, instalment, policy } = this.get(key);
    const dueOn = dueAgain(invoice.dueOn, today);
    const next = this.put(
      {
        invoice: { ...unpayInvoice(invoice, parts), dueOn },
        instalment: instalment && { ...unpayInstalment(instalment, sumOf(parts)), dueOn },
        policy,
      },
      occasion,
    );
    return this.eventsOf(next, ['invoice.reopened', 'instalment.billed'], occasion);
  }

  /** The events of an invoice that is owed no more, as its instalment: what was paid on it has been taken back before. */
  void(key: TenantKey, occasion: Occasion): NewEvent[] {
    const { invoice, instalment, policy } = this.get(key);
    const next = this.put(
      {
        invoice: { ...invoice, state: moveInvoice(invoice.state, 'void') },
        instalment: instalment && { ...instalment, state: moveInstalment(instalment.state, 'cancel') },
        policy,
      },
      occasion,
    );
    return this.eventsOf(next, ['invoice.voided', 'instalment.cancelled'], occasion);
  }

  /** The event of a credit memo that gives nothing back any more. */
  annul(key: TenantKey, occasion: Occasion): NewEvent[] {
    const memo = this.get(key);
    const next = this.put({ ...memo, invoice: annulMemo(memo.invoice) }, occasion);
    return this.eventsOf(next, ['invoice.voided', 'instalment.cancelled'], occasion);
  }

  /** What was changed, each with the version it was read at. */
  changes(): { before: Receivable; now: Receivable }[] {
    return [...this.entries.values()].filter(({ before, now }) => before !== now);
  }

  /** The policies of which something else is owed or paid than before. */
  touched(): TouchedPolicy[] {
    return [...this.touchedPolicies.values()];
  }

  progress(): ScheduleProgress[] {
    return [...this.covers.values()].map(({ coverage, state, instalments }) => ({
      tenantId: coverage.tenantId,
      id: coverage.id,
      state,
      paidThrough: paidThrough(instalments),
    }));
  }

  /** One event each for invoice and instalment: one version more each. */
  private put({ invoice, instalment, policy }: Receivable, occasion: Occasion): Receivable {
    const now: Receivable = {
      invoice: { ...invoice, version: invoice.version + 1 },
      instalment: instalment && { ...instalment, version: instalment.version + 1 },
      policy,
    };
    const entry = this.entries.get(keyOf(invoice));
    if (entry) entry.now = now;
    if (now.instalment) this.cover(now.instalment);
    this.touch(now, occasion);
    return now;
  }

  private touch({ invoice }: Receivable, occasion: Occasion): void {
    const { tenantId, policyLocator: locator, subscriptionId } = invoice;
    if (locator === null || subscriptionId !== null) return;
    this.touchedPolicies.set(keyOf({ tenantId, id: locator }), { tenantId, locator, occasion });
  }

  private cover(instalment: Instalment): void {
    const cover = this.coverOf(instalment);
    const { id, state } = instalment;
    cover.instalments = cover.instalments.map((each) => (each.id === id ? { ...each, state } : each));
    const isPaid = cover.instalments.every((each) => each.state === 'paid' || each.state === 'cancelled');
    if (isPaid && cover.state === 'active') cover.state = moveSchedule('active', 'complete');
    if (!isPaid && cover.state === 'completed') cover.state = moveSchedule('completed', 'reopen');
  }

  private coverOf({ tenantId, scheduleId }: Instalment): Cover {
    const cover = this.covers.get(keyOf({ tenantId, id: scheduleId }));
    if (!cover) throw new Error(`schedule ${scheduleId} was not loaded`);
    return cover;
  }

  private eventsOf(next: Receivable, [invoiceType, instalmentType]: EventTypes, { time, cause }: Occasion): NewEvent[] {
    const { invoice, instalment, policy } = next;
    const { tenantId } = invoice;
    const ofInvoice: NewEvent = {
      type: invoiceType,
      tenantId,
      subject: invoice.id,
      sequence: invoice.version,
      data: invoiceData(invoice, policy),
      time,
      cause,
    };
    if (!instalment) return [ofInvoice];
    const covered = paidThrough(this.coverOf(instalment).instalments);
    const context = { policy, lines: invoice.items, invoiceId: invoice.id, paidThrough: covered };
    return [
      ofInvoice,
      {
        type: instalmentType,
        tenantId,
        subject: instalment.id,
        sequence: instalment.version,
        data: instalmentData(instalment, context),
        time,
        cause,
      },
    ];
  }
}

type EventTypes = readonly [
  invoice: 'invoice.paid' | 'invoice.partially_paid' | 'invoice.reopened' | 'invoice.voided',
  instalment: 'instalment.paid' | 'instalment.partially_paid' | 'instalment.billed' | 'instalment.cancelled',
];

function sumOf(parts: readonly ItemPart[]): bigint {
  return parts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}
