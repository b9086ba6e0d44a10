// Billing in small: what it says of invoices, fees, write-offs and commission, and what that adds up to in the books.
import type { EventType } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { newId } from '@quittance/service-kit/id';
import type { LedgerSettings } from '../domain/rule-set.ts';
import { said, usd } from './harness.itest.ts';
import type { Said } from './harness.itest.ts';

interface Invoice {
  id: string;
  type: 'instalment' | 'fee' | 'credit_memo';
  total: number;
  share: number;
  open: number;
  batches: { id: string; amount: number; earned: number }[];
  writeOff: { id: string; amount: number; cause: 'manual' | 'tolerance' } | null;
}
export interface BillingCommand {
  kind: 'bill' | 'fee' | 'memo' | 'pay' | 'unpay' | 'void' | 'write' | 'forgive' | 'restore' | 'commission';
  minor: number;
  which: number;
}
const moves = ['reserved', 'earned', 'clawed_back', 'paid'] as const;

export class BillingWorld {
  readonly tenantId = newId();
  readonly policyLocator = newId();
  readonly events: QuittanceEvent[] = [];
  private readonly commissionId = newId();
  private commissionMoves = 0;
  private readonly invoices: Invoice[] = [];
  private readonly accounts = new Map<string, number>();

  constructor(private readonly settings: LedgerSettings) {}

  balances(): Record<string, string> {
    const moved = [...this.accounts].filter(([, minor]) => minor !== 0).sort();
    return Object.fromEntries(
      moved.map(([code, minor]) => [code, `${minor < 0 ? '-' : ''}${usd(Math.abs(minor)).amount}`]),
    );
  }

  run({ kind, minor, which }: BillingCommand): void {
    const among = this.invoices.filter(({ type, open, batches, writeOff }) => {
      if (type === 'credit_memo') return false;
      if (kind === 'void') return batches.length === 0 && writeOff === null && open > 0;
      if (kind === 'unpay') return batches.length > 0;
      if (kind === 'restore') return writeOff !== null;
      return open > 0 && (kind === 'pay' || writeOff === null);
    });
    const invoice = among[which % (among.length || 1)];
    if (kind === 'bill') this.bill('instalment', minor);
    else if (kind === 'fee') this.bill('fee', minor);
    else if (kind === 'memo') this.memo(minor);
    else if (kind === 'commission') this.commission(moves[which % 4]!, which % 3 === 0 ? -minor : minor);
    else if (invoice) this.about(invoice, kind, minor);
  }

  /** Premium, tax and a policy fee; of trouble nothing but a fee. */
  bill(type: 'instalment' | 'fee', premium: number, tax = Math.round(premium / 20), fee = 25): Invoice {
    const total = type === 'fee' ? premium : premium + tax + fee;
    const invoice = this.issue(type, total, type === 'fee' ? 0 : premium, tax, type === 'fee' ? premium : fee);
    if (type === 'fee') this.move('1205', '4030', premium);
    else this.premium(invoice, premium, tax, fee);
    return invoice;
  }

  pay(invoice: Invoice, amount: number): void {
    const paid = invoice.batches.reduce((sum, each) => sum + each.amount, 0) + amount;
    const had = invoice.batches.reduce((sum, each) => sum + each.earned, 0);
    const earned = invoice.total === 0 ? 0 : half(invoice.share * paid, invoice.total) - had;
    const batch = { id: newId(), amount, earned };
    invoice.batches.push(batch);
    invoice.open -= amount;
    this.sayBatch('allocation.created', invoice, batch);
    this.applied(invoice, amount, earned);
  }

  commission(move: (typeof moves)[number], amount: number): void {
    const { commissionId, policyLocator } = this;
    this.commissionMoves += 1;
    this.say(
      `commission.${move}`,
      commissionId,
      { commissionId, policyLocator, amount: signed(amount) },
      this.commissionMoves,
    );
    const carrier = { reserved: null, clawed_back: null, earned: ['5010', '2200'], paid: ['2200', '1010'] };
    const apart = ['2020', '2150'];
    const agency = { reserved: apart, clawed_back: apart, earned: ['2150', '4100'], paid: ['1010', '1020'] };
    const accounts = this.settings.ruleSet === 'carrier' ? carrier[move] : agency[move];
    if (accounts && this.settings.commissionPpm === 0) this.move(accounts[0]!, accounts[1]!, amount);
  }

  private about(invoice: Invoice, kind: BillingCommand['kind'], minor: number): void {
    const part = 1 + (minor % invoice.open || 0);
    if (kind === 'pay') this.pay(invoice, Math.min(part, invoice.open));
    else if (kind === 'unpay') this.unpay(invoice);
    else if (kind === 'void') this.void(invoice);
    else if (kind === 'write') this.writeOff(invoice, Math.min(part, invoice.open), 'manual');
    else if (kind === 'forgive') this.writeOff(invoice, Math.min(part, invoice.open), 'tolerance');
    else this.restore(invoice);
  }

  private memo(premium: number): void {
    const tax = Math.round(premium / 20);
    const invoice = this.issue('credit_memo', -premium - tax, -premium, -tax, 0);
    this.premium(invoice, -premium, -tax, 0);
    const creditId = newId();
    const amount = usd(premium + tax);
    this.say('credit.created', creditId, {
      creditId,
      policyLocator: this.policyLocator,
      invoiceLocator: invoice.id,
      amount,
    });
    this.move('1200', '2100', premium + tax);
  }

  private issue(type: Invoice['type'], total: number, premium: number, tax: number, fee: number): Invoice {
    const { ruleSet, commissionPpm } = this.settings;
    const share = ruleSet === 'carrier' ? 0 : half(premium * commissionPpm, 1_000_000);
    const invoice: Invoice = { id: newId(), type, total, share, open: total, batches: [], writeOff: null };
    this.invoices.push(invoice);
    const parts = { premium, tax: type === 'fee' ? 0 : tax, fee };
    const items = (['premium', 'tax', 'fee'] as const).map((category) => ({
      category,
      amount: signed(parts[category]),
    }));
    this.say('invoice.issued', invoice.id, {
      ...{ invoiceLocator: invoice.id, policyLocator: this.policyLocator, type },
      ...{ total: signed(total), items },
    });
    return invoice;
  }

  private premium({ share }: Invoice, premium: number, tax: number, fee: number): void {
    if (this.settings.ruleSet === 'carrier') this.move('1200', '2010', premium);
    else {
      this.move('1200', '2020', premium - share);
      this.move('1200', '2150', share);
    }
    this.move('1200', '2300', tax);
    this.move('1200', '4020', fee);
  }

  private unpay(invoice: Invoice): void {
    const batch = invoice.batches.pop()!;
    invoice.open += batch.amount;
    this.sayBatch('allocation.reversed', invoice, { ...batch, id: newId() }, batch.id);
    this.applied(invoice, -batch.amount, -batch.earned);
  }

  private void(invoice: Invoice): void {
    invoice.open = 0;
    const before = this.events.find(({ type, subject }) => type === 'invoice.issued' && subject === invoice.id)!;
    const data = { ...(before.data as Said<'invoice.issued'>['data']), state: 'void' as const };
    this.say('invoice.voided', invoice.id, data, 2);
    if (invoice.type === 'fee') this.move('4030', '1205', invoice.total);
    else {
      const premium = (data.items ?? []).find(({ category }) => category === 'premium')!.amount.amountMinor;
      const tax = (data.items ?? []).find(({ category }) => category === 'tax')!.amount.amountMinor;
      this.premium({ ...invoice, share: -invoice.share }, -premium, -tax, premium + tax - invoice.total);
    }
  }

  private writeOff(invoice: Invoice, amount: number, cause: 'manual' | 'tolerance'): void {
    invoice.writeOff = { id: newId(), amount, cause };
    invoice.open -= amount;
    this.sayWriteOff(cause === 'manual' ? 'write_off.created' : 'shortfall.forgiven', invoice, 1);
    this.lost(invoice, amount, cause);
  }

  private restore(invoice: Invoice): void {
    const { amount, cause } = invoice.writeOff!;
    this.sayWriteOff('write_off.reversed', invoice, 2);
    invoice.writeOff = null;
    invoice.open += amount;
    this.lost(invoice, -amount, cause);
  }

  private lost({ type }: Invoice, amount: number, cause: 'manual' | 'tolerance'): void {
    const [loss, receivable] = type === 'fee' ? ['4030', '1205'] : ['5130', '1200'];
    this.move(cause === 'tolerance' ? '5135' : loss, receivable, amount);
  }

  private applied({ type }: Invoice, amount: number, earned: number): void {
    this.move('2100', type === 'fee' ? '1205' : '1200', amount);
    this.move('2150', '4100', earned);
  }

  private move(debit: string, credit: string, amount: number): void {
    this.accounts.set(debit, (this.accounts.get(debit) ?? 0) + amount);
    this.accounts.set(credit, (this.accounts.get(credit) ?? 0) - amount);
  }

  private sayWriteOff(
    type: 'write_off.created' | 'shortfall.forgiven' | 'write_off.reversed',
    invoice: Invoice,
    at: number,
  ) {
    const { id: writeOffId, amount, cause } = invoice.writeOff!;
    const about = { invoiceLocator: invoice.id, invoiceType: invoice.type, policyLocator: this.policyLocator };
    this.say(type, writeOffId, { writeOffId, cause, amount: usd(amount), ...about }, at);
  }

  private sayBatch(
    type: 'allocation.created' | 'allocation.reversed',
    { id: invoiceLocator, type: invoiceType }: Invoice,
    { id: batchId, amount }: { id: string; amount: number },
    reverses?: string,
  ): void {
    const { policyLocator } = this;
    const allocations = [{ invoiceLocator, invoiceType, policyLocator, amount: usd(amount) }];
    this.say(type, batchId, { batchId, paymentLocator: newId(), allocations, ...(reverses ? { reverses } : {}) });
  }

  private say<T extends EventType>(type: T, subject: string, data: Said<T>['data'], sequence = 1): void {
    this.events.push(said(type, { tenantId: this.tenantId, subject, sequence, ...(data ? { data } : {}) }));
  }
}

const signed = (minor: number) => {
  const { amount, ...rest } = usd(Math.abs(minor));
  return { ...rest, amount: `${minor < 0 ? '-' : ''}${amount}`, amountMinor: minor };
};
/** Halves away from zero; the products are far below 2^53. */
const half = (numerator: number, denominator: number) => {
  const sign = Math.sign(numerator) * Math.sign(denominator);
  return sign * Math.floor((2 * Math.abs(numerator) + Math.abs(denominator)) / (2 * Math.abs(denominator))) || 0;
};
