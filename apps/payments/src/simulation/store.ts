import { attemptKey, isOpen } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { Dispute } from '../domain/dispute.ts';
import type { PaymentFact, Payment } from '../domain/payment.ts';
import type { PaymentLink } from '../domain/payment-link.ts';
import type { Refund } from '../domain/refund.ts';

/** The row of an `Idempotency-Key`. */
export interface KeyRow {
  readonly fingerprint: string;
  readonly state: 'started' | 'done';
  /** The fencing token. */
  readonly attempt: number;
  readonly leaseUntil: number;
  readonly body: string | null;
}

export interface Said {
  readonly id: number;
  readonly subject: string;
  readonly sequence: number;
  readonly type: string;
  readonly payment: Payment | null;
}

type Listener<T> = (value: T) => void;

/** The service's own tables. Writing checks what the database's constraints check, and reports instead of throwing. */
export class Store {
  readonly payments = new Map<string, Payment>();
  readonly attempts = new Map<string, Attempt>();
  readonly refunds = new Map<string, Refund>();
  /** What people were told of money that left twice. */
  readonly flagged = new Map<string, bigint>();
  readonly links = new Map<string, PaymentLink>();
  /** By the charge that they are about. */
  readonly disputes = new Map<string, Dispute>();
  readonly keys = new Map<string, KeyRow>();
  readonly inbox = new Set<string>();
  readonly log: Said[] = [];
  /** The charges that were posted, by the provider's name. */
  readonly postedRefs = new Set<string>();
  readonly broken: string[] = [];
  onAttempt: Listener<Attempt> = () => undefined;
  onRefund: Listener<Refund> = () => undefined;
  onSaid: Listener<Said> = () => undefined;
  private readonly versions = new Map<string, number>();

  putPayment(payment: Payment): void {
    const { id, amountMinor, refundedMinor, refundPendingMinor } = payment;
    if (refundedMinor < 0n || refundPendingMinor < 0n) this.broken.push(`${id}: less than nothing is refunded`);
    if (refundedMinor + refundPendingMinor > amountMinor) this.broken.push(`${id}: refunded more than captured`);
    this.payments.set(id, payment);
  }

  putAttempt(attempt: Attempt): void {
    const key = attemptKey(attempt);
    const before = this.attempts.get(key);
    this.attempts.set(key, attempt);
    if (!before && isOpen(attempt.state)) {
      for (let n = 1; n < attempt.n; n++) {
        const other = this.attempts.get(`${attempt.paymentId}_${n}`);
        if (other && isOpen(other.state)) this.broken.push(`${attempt.paymentId}: two open attempts`);
      }
    }
    if (attempt.nextCheckAt !== null && attempt.nextCheckAt !== before?.nextCheckAt) this.onAttempt(attempt);
  }

  putRefund(refund: Refund): void {
    const before = this.refunds.get(refund.id);
    this.refunds.set(refund.id, refund);
    if (refund.nextCheckAt !== null && refund.nextCheckAt !== before?.nextCheckAt) this.onRefund(refund);
  }

  attemptOfOperation(operationId: string): Attempt {
    for (const attempt of this.attempts.values()) if (attempt.operationId === operationId) return attempt;
    throw new Error(`the operation ${operationId} has no attempt`);
  }

  sayPayment({ type, payment }: PaymentFact): void {
    const { id, version, providerRef } = payment;
    if (type === 'posted' && providerRef !== null) {
      if (this.postedRefs.has(providerRef)) this.broken.push(`${id}: a charge is posted twice`);
      this.postedRefs.add(providerRef);
    }
    this.append(id, version, type, payment);
  }

  /** A fact about anything else. */
  say(subject: string, sequence: number, type: string): void {
    this.append(subject, sequence, type, null);
  }

  private append(subject: string, sequence: number, type: string, payment: Payment | null): void {
    if (sequence !== (this.versions.get(subject) ?? 0) + 1) this.broken.push(`${subject}: ${type} breaks the sequence`);
    this.versions.set(subject, sequence);
    const said = { id: this.log.length + 1, subject, sequence, type, payment };
    this.log.push(said);
    this.onSaid(said);
  }
}
