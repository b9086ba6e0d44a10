import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import type { AllocationPlan } from '../domain/allocation-plan.ts';
import type { OpenInvoice } from '../domain/allocation.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { moveInstalment } from '../domain/instalment.ts';
import { accountOf, annulMemo, isOpen, moveInvoice } from '../domain/invoice.ts';
import type { ItemPart } from '../domain/invoice.ts';
import { forgivenOf } from '../domain/tolerance.ts';
import { isWaiver } from '../domain/write-off.ts';
import type { WriteOff } from '../domain/write-off.ts';
import { localDate } from '../domain/zone.ts';
import { instalmentData } from '../instalments/instalment.events.ts';
import { invoiceData } from '../invoices/invoice.events.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { ScheduleCovers } from '../schedules/schedule-covers.ts';
import type { Coverage, ScheduleProgress } from '../schedules/schedule.repository.ts';
import { SubscriptionBook } from '../subscriptions/subscription-book.ts';
import type { DebtRules } from '../write-offs/debt-rules.service.ts';
import { feeWaived, writeOffEvent } from '../write-offs/write-off.events.ts';
import { dueBy, openInvoice, paid, restored, unpaid, writeOffOf, writtenOff } from './debt.ts';
import type { Occasion } from './occasion.ts';
import type { Receivable } from './receivable.repository.ts';

/** A policy of which a transaction changed something, and why. */
export interface TouchedPolicy extends PolicyKey {
  readonly occasion: Occasion;
}

/** Why a person wrote something off. */
export interface Reasoned {
  readonly reason: string;
  readonly occasion: Occasion;
}

interface Entry {
  readonly before: Receivable;
  now: Receivable;
}

/**
 * The debts of some policies while one transaction changes them: every change is made on what the one before left, so
 * that of two payments in a batch the second sees what the first paid. The policies are locked; the caller saves last.
 */
export class ReceivableBook {
  private readonly entries: Map<string, Entry>;
  private readonly covers: ScheduleCovers;
  private readonly touchedPolicies = new Map<string, TouchedPolicy>();

  constructor(
    receivables: readonly Receivable[],
    coverages: readonly Coverage[],
    readonly rules: DebtRules,
    /** Whose periods some of the invoices bill. */
    readonly subscriptions = new SubscriptionBook([], []),
  ) {
    this.entries = new Map(receivables.map((each) => [keyOf(each.invoice), { before: each, now: each }]));
    this.covers = new ScheduleCovers(coverages);
  }

  /** The open invoices of a policy. */
  open({ tenantId, locator }: PolicyKey): OpenInvoice[] {
    return [...this.entries.values()]
      .map(({ now }) => now.invoice)
      .filter((invoice) => invoice.tenantId === tenantId && accountOf(invoice) === locator && isOpen(invoice.state))
      .map(openInvoice);
  }

  /** Those of these invoices that are open. */
  openAmong(keys: readonly TenantKey[]): OpenInvoice[] {
    return keys
      .map((key) => this.get(key).invoice)
      .filter(({ state }) => isOpen(state))
      .map(openInvoice);
  }

  /** Null for what is not open. */
  openIn(key: TenantKey): Receivable['invoice'] | null {
    const invoice = this.entries.get(keyOf(key))?.now.invoice;
    return invoice && isOpen(invoice.state) ? invoice : null;
  }

  get(key: TenantKey): Receivable {
    const entry = this.entries.get(keyOf(key));
    if (!entry) throw new Error(`invoice ${key.id} was not loaded`);
    return entry.now;
  }

  /** In which order money of a tenant pays these debts. */
  planOf(tenantId: string): AllocationPlan {
    return this.rules.settingsOf(tenantId).allocation;
  }

  /** The events of a part payment, or of the last one: of one, too, that misses no more than the tenant forgives. */
  pay(key: TenantKey, parts: readonly ItemPart[], occasion: Occasion): NewEvent[] {
    const before = this.get(key);
    const { currency } = before.invoice;
    const afterwards = paid(before, parts);
    const { tolerances } = this.rules.settingsOf(key.tenantId);
    const isForgiven = forgivenOf(afterwards.invoice.balanceMinor, currency, tolerances) > 0n;
    const forgiven = isForgiven ? writeOffOf(afterwards, { cause: 'tolerance', reason: null, occasion }) : null;
    const next = this.put(forgiven ? writtenOff(afterwards, forgiven) : afterwards, occasion);
    const suffix = next.invoice.state === 'paid' ? 'paid' : 'partially_paid';
    const settled = suffix === 'paid' ? this.subscriptions.settle(key, occasion) : [];
    const events = [...this.eventsOf(next, [`invoice.${suffix}`, `instalment.${suffix}`], occasion), ...settled];
    if (!forgiven) return events;
    this.rules.writeOffs.add(forgiven);
    return [...events, writeOffEvent(forgiven, next, occasion)];
  }

  /**
   * The events of a payment taken back: what it had settled is owed again, and not before the end of `today`. So is
   * what was forgiven because it had been paid but for that.
   */
  unpay(key: TenantKey, parts: readonly ItemPart[], today: CalendarDate, occasion: Occasion): NewEvent[] {
    const forgiven = this.rules.writeOffs.forgivenOf(key).map((each) => this.rules.writeOffs.reverse(each, today));
    const before = forgiven.reduce((debt, writeOff) => restored(debt, writeOff), this.get(key));
    const next = this.put(dueBy(unpaid(before, parts), today), occasion);
    return [
      ...this.eventsOf(next, ['invoice.reopened', 'instalment.billed'], occasion),
      ...this.subscriptions.reopen(key, occasion),
      ...forgiven.map((each) => writeOffEvent(each, next, occasion)),
    ];
  }

  /** Nobody is asked for these parts any more. An invoice of which all is gone says so; one with a rest is silent. */
  writeOff(key: TenantKey, parts: readonly ItemPart[], { reason, occasion }: Reasoned): [WriteOff, NewEvent[]] {
    const before = this.get(key);
    const writeOff = writeOffOf(before, { cause: 'manual', reason, occasion }, parts);
    const next = writtenOff(before, writeOff);
    const isWhole = next.invoice.balanceMinor === 0n;
    const put = this.put(next, occasion, isWhole ? 1 : 0);
    this.rules.writeOffs.add(writeOff);
    const events = isWhole ? this.eventsOf(put, ['invoice.uncollectible', 'instalment.written_off'], occasion) : [];
    const ended = isWhole ? this.subscriptions.writeOff(key, occasion) : [];
    return [
      writeOff,
      [...events, ...ended, writeOffEvent(writeOff, put, occasion), ...feeWaived(writeOff, put, occasion)],
    ];
  }

  /**
   * What was written off is owed again, and not before the end of today.
   * @throws DomainError `write_off_refused` for a fee that was waived
   */
  restore(written: WriteOff, occasion: Occasion): [WriteOff, NewEvent[]] {
    const key = { tenantId: written.tenantId, id: written.invoiceId };
    if (isWaiver(written, this.get(key).invoice)) {
      throw new DomainError('write_off_refused', 'A fee that was waived is not asked for again.');
    }
    const today = localDate(occasion.time, this.get(key).policy.timeZone);
    const writeOff = this.rules.writeOffs.reverse(written, today);
    const next = this.put(dueBy(restored(this.get(key), writeOff), today), occasion);
    const events = this.eventsOf(next, ['invoice.reopened', 'instalment.billed'], occasion);
    const reopened = this.subscriptions.reopen(key, occasion);
    return [writeOff, [...events, ...reopened, writeOffEvent(writeOff, next, occasion)]];
  }

  /**
   * The events of an invoice that is owed no more, as its instalment: what was paid on it has been taken back before.
   */
  void(key: TenantKey, occasion: Occasion): NewEvent[] {
    const { invoice, instalment, policy } = this.get(key);
    const voided = {
      invoice: { ...invoice, state: moveInvoice(invoice.state, 'void') },
      instalment: instalment && { ...instalment, state: moveInstalment(instalment.state, 'cancel') },
      policy,
    };
    const next = this.put(voided, occasion);
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
    return this.covers.progress();
  }

  /** One event each for invoice and instalment: one version more each. */
  private put({ invoice, instalment, policy }: Receivable, occasion: Occasion, events: 0 | 1 = 1): Receivable {
    const now: Receivable = {
      invoice: { ...invoice, version: invoice.version + events },
      instalment: instalment && { ...instalment, version: instalment.version + events },
      policy,
    };
    const entry = this.entries.get(keyOf(invoice));
    if (entry) entry.now = now;
    if (now.instalment) this.covers.change(now.instalment);
    this.touch(now, occasion);
    return now;
  }

  private touch({ invoice }: Receivable, occasion: Occasion): void {
    const { tenantId, policyLocator: locator, subscriptionId } = invoice;
    if (locator === null || subscriptionId !== null) return;
    this.touchedPolicies.set(keyOf({ tenantId, id: locator }), { tenantId, locator, occasion });
  }

  private eventsOf(next: Receivable, [invoiceType, instalmentType]: EventTypes, occasion: Occasion): NewEvent[] {
    const { time, cause } = occasion;
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
    const covered = this.covers.paidThrough(instalment);
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
      ...this.covers.completed(instalment, policy, occasion),
    ];
  }
}

type EventTypes = readonly [
  invoice: `invoice.${'paid' | 'partially_paid' | 'reopened' | 'voided' | 'uncollectible'}`,
  instalment: `instalment.${'paid' | 'partially_paid' | 'billed' | 'cancelled' | 'written_off'}`,
];
