// Payments and billing in small: what both of them say of money that comes in and goes out, and what it adds up to.
import { sampleOf } from '@quittance/events/catalogue';
import type { EventType } from '@quittance/events/catalogue';
import type { QuittanceEvent } from '@quittance/events/envelope';
import { newId } from '@quittance/service-kit/id';
import { said, usd } from './harness.itest.ts';
import type { Said } from './harness.itest.ts';

interface Payment {
  locator: string;
  method: 'card' | 'ach';
  amount: number;
  refunded: number;
  isOver: boolean;
  isDisputed: boolean;
  batch: { id: string; amount: number } | null;
  unapplied: number;
  suspense: { id: string; amount: number } | null;
}
interface Request {
  id: string;
  amount: number;
  payment: Payment;
  isFollowed: boolean;
}
interface Dispute {
  id: string;
  payment: Payment;
  fee: number;
  isSettled: boolean;
}
type Followed = 'open' | 'failed' | 'voided' | 'stale' | 'cleared';
export interface Command {
  kind: 'pay' | 'nobody' | 'refund' | 'request' | 'follow' | 'dispute' | 'settle' | 'return';
  minor: number;
  which: number;
}

const clearing = { card: '1100', ach: '1110' } as const;

export class MoneyWorld {
  readonly tenantId = newId();
  readonly events: QuittanceEvent[] = [];
  private readonly payments: Payment[] = [];
  private readonly requests: Request[] = [];
  private readonly disputes: Dispute[] = [];
  private readonly accounts = new Map<string, number>();

  /** Money of a policy, of which `applied` pays an invoice. */
  pay(amount: number, applied: number, method: Payment['method'] = 'card'): Payment {
    const payment = this.post(amount, method);
    payment.unapplied = amount;
    this.move(clearing[method], '2100', amount);
    if (applied > 0) this.apply(payment, applied);
    return payment;
  }

  /** Money whose owner nobody knows. */
  payNobody(amount: number): Payment {
    const payment = this.post(amount, 'card');
    this.move('1100', '2100', amount);
    this.suspend(payment, amount);
    return payment;
  }

  refund(payment: Payment, amount: number): void {
    payment.refunded += amount;
    const refundId = newId();
    const { locator: paymentLocator } = payment;
    this.say('refund.succeeded', refundId, { refundId, paymentLocator, amount: usd(amount) });
    this.move('2100', clearing[payment.method], amount);
    this.take(payment, amount, 'refund');
  }

  return(payment: Payment, code = 'R01'): void {
    payment.isOver = true;
    this.sayOf(payment, 'payment.returned', { return: { ...r01, code } });
    this.move('2100', clearing[payment.method], payment.amount);
    this.take(payment, payment.amount, 'return');
  }

  request(payment: Payment, amount: number): Request {
    const request = { id: newId(), amount, payment, isFollowed: false };
    this.requests.push(request);
    payment.unapplied -= amount;
    this.say('disbursement_request.created', request.id, { requestId: request.id, amount: usd(amount) });
    this.move('2100', '2310', amount);
    return request;
  }

  follow(request: Request, how: Followed): void {
    if (how === 'open') return;
    request.isFollowed = true;
    const { amount, id: requestId, payment } = request;
    const data = { disbursementId: newId(), requestId, amount: usd(amount) };
    if (how !== 'failed') {
      this.say('disbursement.executed', data.disbursementId, data);
      this.move('2310', '1020', amount);
    }
    this.say(`disbursement.${how}`, data.disbursementId, data, how === 'failed' ? 1 : 2);
    if (how === 'stale') this.move('1020', '2320', amount);
    if (how === 'voided') this.move('1020', '2310', amount);
    if (how === 'failed' || how === 'voided') {
      this.say('disbursement_request.returned', requestId, { requestId, amount: usd(amount) }, 2);
      this.move('2310', '2100', amount);
      payment.unapplied += amount;
    }
  }

  dispute(payment: Payment, fee: number): Dispute {
    payment.isDisputed = true;
    const dispute = { id: newId(), payment, fee, isSettled: false };
    this.disputes.push(dispute);
    this.sayDispute(dispute, 'dispute.opened', 1);
    this.move('1400', clearing[payment.method], payment.amount);
    this.move('5125', clearing[payment.method], fee);
    return dispute;
  }

  settle(dispute: Dispute, how: 'won' | 'lost'): void {
    const { payment, fee } = dispute;
    dispute.isSettled = true;
    payment.isDisputed = false;
    this.sayDispute(dispute, `dispute.${how}`, 2);
    if (how === 'won') {
      this.move(clearing[payment.method], '1400', payment.amount);
      this.move(clearing[payment.method], '5125', fee);
      return;
    }
    payment.isOver = true;
    this.move('2100', '1400', payment.amount);
    const amountDisputed = usd(payment.amount);
    this.sayOf(payment, 'payment.returned', { amountDisputed, return: { ...r01, scheme: 'card', code: 'chargeback' } });
    this.take(payment, payment.amount, 'return');
  }

  run({ kind, minor, which }: Command): void {
    const pick = <T>(list: T[]) => list[which % Math.max(1, list.length)];
    const live = this.payments.filter(({ isOver, isDisputed }) => !isOver && !isDisputed);
    if (kind === 'pay') this.pay(minor, which % (minor + 1), which % 2 === 0 ? 'card' : 'ach');
    if (kind === 'nobody') this.payNobody(minor);
    const refundable = pick(live.filter(({ amount, refunded }) => refunded < amount));
    if (kind === 'refund' && refundable) {
      this.refund(refundable, Math.min(minor, refundable.amount - refundable.refunded));
    }
    const holding = pick(this.payments.filter(({ unapplied }) => unapplied > 0));
    if (kind === 'request' && holding) this.request(holding, Math.min(minor, holding.unapplied));
    const request = pick(this.requests.filter(({ isFollowed }) => !isFollowed));
    const outcomes = ['failed', 'voided', 'stale', 'cleared'] as const;
    if (kind === 'follow' && request) this.follow(request, outcomes[which % outcomes.length]!);
    const disputed = pick(live);
    if (kind === 'dispute' && disputed) this.dispute(disputed, which % 2 === 0 ? 1500 : 0);
    const dispute = pick(this.disputes.filter(({ isSettled }) => !isSettled));
    if (kind === 'settle' && dispute) this.settle(dispute, which % 2 === 0 ? 'won' : 'lost');
    const returned = pick(live);
    if (kind === 'return' && returned) this.return(returned);
  }

  /** Debit less credit of every account that is not at zero. */
  balances(): Record<string, string> {
    expect([...this.accounts.values()].reduce((sum, minor) => sum + minor, 0)).toBe(0);
    const text = (minor: number) => `${minor < 0 ? '-' : ''}${usd(Math.abs(minor)).amount}`;
    return Object.fromEntries(
      [...this.accounts].filter(([, minor]) => minor !== 0).map(([code, minor]) => [code, text(minor)]),
    );
  }

  private post(amount: number, method: Payment['method']): Payment {
    const head = { locator: newId(), method, amount, refunded: 0, isOver: false, isDisputed: false };
    const payment: Payment = { ...head, batch: null, unapplied: 0, suspense: null };
    this.payments.push(payment);
    this.sayOf(payment, 'payment.posted', {});
    return payment;
  }

  private apply(payment: Payment, amount: number): void {
    payment.batch = { id: newId(), amount };
    payment.unapplied -= amount;
    this.sayBatch(payment, 'allocation.created', payment.batch);
    this.move('2100', '1200', amount);
  }

  private suspend(payment: Payment, amount: number): void {
    payment.suspense = { id: newId(), amount };
    this.saySuspense(payment, 'suspense.opened', 1);
    this.move('2100', '2110', amount);
  }

  /** As billing does: what pays nothing first; undone as a whole, and the rest set up anew; what is missing is owed. */
  private take(payment: Payment, amount: number, cause: 'refund' | 'return'): void {
    const { batch, suspense } = payment;
    if (suspense && (cause === 'return' || payment.unapplied < amount)) {
      this.saySuspense(payment, 'suspense.returned', 2);
      this.move('2110', '2100', suspense.amount);
      payment.unapplied += suspense.amount;
      payment.suspense = null;
    }
    if (batch && (cause === 'return' || payment.unapplied < amount)) {
      this.sayBatch(payment, 'allocation.reversed', { ...batch, id: newId() }, batch.id);
      this.move('1200', '2100', batch.amount);
      payment.unapplied += batch.amount;
      payment.batch = null;
    }
    const missing = Math.max(0, amount - payment.unapplied);
    payment.unapplied = Math.max(0, payment.unapplied - amount);
    if (missing > 0) this.owe(payment, missing, cause);
    if (cause === 'refund' && suspense && !payment.suspense && payment.unapplied > 0) {
      const rest = payment.unapplied;
      payment.unapplied = 0;
      this.suspend(payment, rest);
    } else if (cause === 'refund' && batch && !payment.batch && payment.unapplied > 0) {
      this.apply(payment, payment.unapplied);
    }
  }

  private owe({ locator: paymentLocator }: Payment, amount: number, cause: 'refund' | 'return'): void {
    const shortfallId = newId();
    this.say('shortfall.opened', shortfallId, { shortfallId, paymentLocator, amount: usd(amount), cause });
    this.move('1200', '2100', amount);
  }

  private move(debit: string, credit: string, amount: number): void {
    this.accounts.set(debit, (this.accounts.get(debit) ?? 0) + amount);
    this.accounts.set(credit, (this.accounts.get(credit) ?? 0) - amount);
  }

  private say<T extends EventType>(type: T, subject: string, data: Said<T>['data'], sequence = 1): void {
    this.events.push(said(type, { tenantId: this.tenantId, subject, sequence, ...(data ? { data } : {}) }));
  }

  private sayOf(payment: Payment, type: 'payment.posted' | 'payment.returned', more: Said<'payment.returned'>['data']) {
    const { locator, method, amount } = payment;
    this.say(type, locator, { locator, method, amount: usd(amount), ...more }, type === 'payment.posted' ? 1 : 2);
  }

  private sayDispute(
    { id, payment, fee }: Dispute,
    type: 'dispute.opened' | 'dispute.won' | 'dispute.lost',
    at: number,
  ) {
    const about = { disputeId: id, paymentLocator: payment.locator, amount: usd(payment.amount), fee: usd(fee) };
    this.say(type, id, about, at);
  }

  private saySuspense({ locator, suspense }: Payment, type: 'suspense.opened' | 'suspense.returned', at: number): void {
    const { id, amount } = suspense!;
    this.say(type, id, { suspenseId: id, paymentLocator: locator, amount: usd(amount) }, at);
  }

  private sayBatch(
    { locator: paymentLocator }: Payment,
    type: 'allocation.created' | 'allocation.reversed',
    { id, amount }: { id: string; amount: number },
    reverses?: string,
  ): void {
    const allocations = [{ ...sampleOf('allocation.created').allocations[0]!, amount: usd(amount) }];
    this.say(type, id, { batchId: id, paymentLocator, allocations, ...(reverses ? { reverses } : {}) });
  }
}

const r01 = { scheme: 'ach', code: 'R01', pejorative: true, returnedDate: '2025-03-04' } as const;
