import { newId } from '@quittance/service-kit/id';
import type { UnappliedShare } from '../allocations/unapplied-fund.repository.ts';
import { fundKey } from '../allocations/unapplied-fund.repository.ts';
import type { ReceivedPayment } from '../allocations/allocation.entity.ts';
import type { AllocationBatch } from '../allocations/allocation-batch.ts';
import { ReceivableBook } from '../allocations/receivable-book.ts';
import type { Receivable } from '../allocations/receivable.repository.ts';
import { defaultSettings } from '../domain/billing-settings.ts';
import { noonUtc } from '../domain/calendar.ts';
import type { CalendarDate } from '../domain/calendar.ts';
import { isOpen } from '../domain/invoice.ts';
import type { Invoice } from '../domain/invoice.ts';
import type { Policy } from '../domain/policy.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import type { ChargeLine } from '../domain/recut.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { StoredInstalment, StoredLine } from '../instalments/instalment.entity.ts';
import type { StoredCharge } from '../policies/charge.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import type { AppliedBatch, HeldPayment } from '../withdrawals/held-payment.ts';
import type { Moved } from '../withdrawals/held-payments.service.ts';
import { WriteOffBook } from '../write-offs/write-off-book.ts';
import type { Rules } from './rules.ts';
import type { Tally } from './tally.ts';

/** An instalment with what the tables keep beside it. */
export interface Entry {
  row: StoredInstalment;
  readonly lines: readonly ChargeLine[];
  invoiceId: string | null;
}

export interface TermAccount {
  term: PolicyTerm;
  schedule: Schedule;
  readonly entries: Entry[];
}

/** Money of any kind, where it is, and what it is a credit of. */
export interface Source {
  held: HeldPayment;
  readonly transactionId: string | null;
  readonly memoId: string | null;
}

/** New rows with their lines, as they are read back. */
export function entriesOf(rows: readonly StoredInstalment[], lines: readonly StoredLine[]): Entry[] {
  const byRow = Map.groupBy(lines, ({ instalmentId }) => instalmentId);
  return rows.map((row) => {
    const own = byRow.get(row.id) ?? [];
    return { row, lines: own.map(({ chargeId, amountMinor }) => ({ chargeId, amountMinor })), invoiceId: null };
  });
}

/** What billing keeps of one policy, in memory: rows as the tables have them, and no rule of its own. */
export class Account {
  readonly terms: TermAccount[] = [];
  readonly transactions: PolicyTransaction[] = [];
  readonly charges = new Map<string, StoredCharge>();
  readonly invoices = new Map<string, Invoice>();
  readonly sources = new Map<string, Source>();
  shortfallMinor = 0n;

  constructor(
    readonly policy: Policy,
    readonly rules: Rules,
    readonly tally: Tally,
    public today: CalendarDate,
  ) {}

  get now(): Date {
    return noonUtc(this.today);
  }

  get occasion() {
    return { time: this.now };
  }

  get key() {
    return { tenantId: this.policy.tenantId, locator: this.policy.locator };
  }

  *entries(): Iterable<Entry> {
    for (const { entries } of this.terms) yield* entries;
  }

  entry(id: string): Entry {
    for (const entry of this.entries()) if (entry.row.id === id) return entry;
    throw new Error(`there is no instalment ${id}`);
  }

  /** Invoices are numbered as they come. */
  addInvoice(
    about: Omit<Invoice, 'tenantId' | 'id' | 'number' | 'policyLocator' | 'subscriptionId' | 'version'>,
  ): Invoice {
    const { tenantId, locator: policyLocator } = this.key;
    const number = BigInt(this.invoices.size + 1);
    const invoice: Invoice = {
      ...about,
      tenantId,
      id: newId(),
      number,
      policyLocator,
      subscriptionId: null,
      version: 1,
    };
    this.invoices.set(invoice.id, invoice);
    return invoice;
  }

  /** The debts that are open, or these ones. */
  book(invoiceIds?: Iterable<string>): ReceivableBook {
    const wanted = invoiceIds
      ? [...new Set(invoiceIds)].map((id) => this.invoices.get(id)!)
      : [...this.invoices.values()].filter(({ state }) => isOpen(state));
    const receivables = wanted.map((invoice): Receivable => ({
      invoice,
      instalment: invoice.instalmentId === null ? null : this.entry(invoice.instalmentId).row,
      policy: this.policy,
    }));
    const coverages = this.terms.map(({ schedule, entries }) => ({
      ...schedule,
      instalments: entries.filter(({ row }) => row.state !== 'superseded').map(({ row }) => row),
    }));
    const rules = { settingsOf: () => defaultSettings, writeOffs: new WriteOffBook([]) };
    return new ReceivableBook(receivables, coverages, rules);
  }

  save(book: ReceivableBook): void {
    const changes = book.changes();
    if (changes.length === 0) return;
    for (const { now } of changes) {
      this.invoices.set(now.invoice.id, now.invoice);
      if (!now.instalment) continue;
      const entry = this.entry(now.instalment.id);
      entry.row = { ...entry.row, ...now.instalment };
    }
    for (const { id, state, paidThrough } of this.rules.progressOf(book)) {
      const of = this.terms.find(({ schedule }) => schedule.id === id)!;
      of.schedule = { ...of.schedule, state, paidThrough };
    }
  }

  addSource(received: ReceivedPayment, about: Pick<Source, 'transactionId' | 'memoId'>): void {
    this.sources.set(received.locator, { held: { received, batches: [], shares: [], items: [] }, ...about });
  }

  /** Writes down where money went. */
  move({ received, batches, funds, suspense }: Pick<Moved, 'received' | 'batches' | 'funds' | 'suspense'>): void {
    const source = this.sources.get(received.locator)!;
    const { held } = source;
    const closed = new Set(suspense.closed.map(({ id }) => id));
    source.held = {
      received,
      batches: batches.reduce(withBatch, held.batches),
      shares: funds.reduce(withShare, held.shares),
      items: [
        ...held.items.filter(({ id }) => !closed.has(id)),
        ...suspense.opened.map((item) => ({ ...item, version: 1 })),
      ],
    };
  }
}

function withBatch(held: readonly AppliedBatch[], { id, invoices, reverses }: AllocationBatch): AppliedBatch[] {
  const stays = held.filter((each) => each.id !== reverses);
  if (reverses !== null || invoices.length === 0) return stays;
  return [...stays, { id, invoices, amountMinor: invoices.reduce((sum, { amountMinor }) => sum + amountMinor, 0n) }];
}

function withShare(held: readonly UnappliedShare[], change: Moved['funds'][number]): UnappliedShare[] {
  const { deltaMinor, occasion: _, ...about } = change;
  const before = held.find((share) => fundKey(share) === fundKey(about))?.amountMinor ?? 0n;
  const others = held.filter((share) => fundKey(share) !== fundKey(about));
  const amountMinor = before + deltaMinor;
  return amountMinor === 0n ? others : [...others, { ...about, amountMinor }];
}
