import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { CalendarDate } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import { keyOf } from '../domain/identity.ts';
import type { TenantKey } from '../domain/identity.ts';
import { planOfTerm } from '../domain/plan.ts';
import type { Policy } from '../domain/policy.ts';
import type { PolicyTerm } from '../domain/policy-term.ts';
import type { TransactionRequest } from '../domain/transaction.ts';
import { localDate } from '../domain/zone.ts';
import { PolicyRepository } from '../policies/policy.repository.ts';
import type { PolicyKey } from '../policies/policy.repository.ts';
import { PolicyTermRepository } from '../policies/policy-term.repository.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';
import { PlansService } from '../plans/plans.service.ts';
import type { NowOf } from '../test-clocks/tenant-time.ts';
import type { HeldPayment } from '../withdrawals/held-payment.ts';
import { HeldPaymentsService } from '../withdrawals/held-payments.service.ts';
import { TermBookRepository } from './term-book.repository.ts';
import type { TermBook } from './term-book.ts';
import type { AppliedTransaction } from './applied-transaction.view.ts';

/** A policy that is locked, with all money that is on it. */
export interface OpenBook {
  readonly policy: Policy;
  readonly terms: readonly PolicyTerm[];
  readonly transactions: readonly PolicyTransaction[];
  readonly held: ReadonlyMap<string, HeldPayment>;
  readonly now: Date;
  readonly today: CalendarDate;
}

/** Money came onto the policy between the locks: the transaction is run again from the start. */
class Overtaken extends Error {
  readonly code = '40001';
}

@Injectable()
export class TermBooksService {
  constructor(
    private readonly books: TermBookRepository,
    private readonly payments: HeldPaymentsService,
    private readonly policies: PolicyRepository,
    private readonly terms: PolicyTermRepository,
    private readonly plans: PlansService,
  ) {}

  /** @returns null where there is none */
  async lock(tx: Tx, key: PolicyKey, nowOf: NowOf): Promise<OpenBook | null> {
    const held = await this.hold(tx, [key]);
    const open = await this.open(tx, key, nowOf);
    return open && { ...open, held };
  }

  /**
   * Locks the money on policies first, then the policies, all of them in one order. Who changes several holds them all
   * before the first one: no two wait for each other in a ring.
   */
  async hold(tx: Tx, keys: readonly PolicyKey[]): Promise<ReadonlyMap<string, HeldPayment>> {
    const held = await this.payments.lock(tx, await this.moneyOn(tx, keys));
    await this.policies.lock(tx, keys);
    const money = await this.moneyOn(tx, keys);
    if (money.some((each) => !held.has(keyOf(each)))) throw new Overtaken('money came onto the policy meanwhile');
    return held;
  }

  private async moneyOn(tx: Tx, keys: readonly PolicyKey[]): Promise<TenantKey[]> {
    return (await Promise.all(keys.map((key) => this.books.paymentsOf(tx, key)))).flat();
  }

  /** Whatever policy it is of. */
  transaction(tx: Tx, key: TenantKey): Promise<PolicyTransaction | null> {
    return this.books.find(tx, key);
  }

  /** As it is just now, for who only reads. @returns null where there is none */
  async open(tx: Tx, key: PolicyKey, nowOf: NowOf): Promise<OpenBook | null> {
    const { tenantId, locator } = key;
    const [policy, terms, transactions] = await Promise.all([
      this.policies.find(tx, tenantId, locator),
      this.terms.ofPolicy(tx, tenantId, locator),
      this.books.transactions(tx, key),
    ]);
    if (!policy) return null;
    const now = nowOf(tenantId);
    return { policy, terms, transactions, held: new Map(), now, today: localDate(now, policy.timeZone) };
  }

  /** @throws DomainError `invalid_transaction` for a date outside of every term, or a transaction that is none of it */
  read(tx: Tx, open: OpenBook, request: TransactionRequest): Promise<TermBook> {
    return this.ofTerm(tx, open, termOf(open, request));
  }

  async ofTerm(tx: Tx, open: OpenBook, term: PolicyTerm): Promise<TermBook> {
    const { policy, transactions, today, now } = open;
    const key = { tenantId: policy.tenantId, locator: policy.locator };
    const [schedule, charges] = await Promise.all([
      this.books.schedule(tx, key, term.number),
      this.books.charges(tx, key, term.number, transactions),
    ]);
    if (!schedule) throw new Error(`term ${term.number} of ${policy.locator} has no schedule`);
    const [instalments, known] = await Promise.all([
      this.books.instalments(tx, schedule),
      this.plans.find(tx, { tenantId: policy.tenantId, name: schedule.plan }, schedule.planVersion),
    ]);
    if (!known) throw new Error(`version ${schedule.planVersion} of plan ${schedule.plan} is gone`);
    const plan = planOfTerm(known.plan, term.number);
    return { policy, term, terms: open.terms, schedule, plan, charges, instalments, transactions, today, now };
  }

  /** As it stands after invoices of it were undone. */
  async again(tx: Tx, book: TermBook): Promise<TermBook> {
    const { policy, term } = book;
    const key = { tenantId: policy.tenantId, locator: policy.locator };
    const schedule = await this.books.schedule(tx, key, term.number);
    return {
      ...book,
      schedule: schedule ?? book.schedule,
      instalments: await this.books.instalments(tx, book.schedule),
    };
  }

  /** A transaction that was applied before, as it was answered then. */
  async answer(tx: Tx, { policy }: OpenBook, transaction: PolicyTransaction): Promise<AppliedTransaction> {
    const { tenantId, locator, currency, version: policyVersion } = policy;
    const [charges, schedule] = await Promise.all([
      this.books.chargesOf(tx, tenantId, [transaction.id]),
      this.books.schedule(tx, { tenantId, locator }, transaction.termNumber),
    ]);
    return { transaction, charges, scheduleId: schedule?.id ?? '', currency, policyVersion };
  }
}

function termOf({ terms, transactions, today }: OpenBook, request: TransactionRequest): PolicyTerm {
  if (request.type === 'invalidation') {
    const named = transactions.find(({ id }) => id === request.transactionId);
    const term = terms.find(({ number }) => number === named?.termNumber);
    if (term) return term;
    throw outside('/transactionId', 'is no transaction of this policy');
  }
  const on = 'effectiveDate' in request ? request.effectiveDate : today;
  const last = terms.at(-1);
  const within = terms.findLast(({ effectiveDate, expirationDate }) => effectiveDate <= on && on < expirationDate);
  const isAtTheEnd = last !== undefined && (isOfNoDate(request) || on === last.expirationDate);
  if (within) return within;
  if (isAtTheEnd && request.type !== 'endorsement') return last;
  throw outside('/effectiveDate', 'is in no term of this policy');
}

/** It counts from now on, whether or not there is cover now. */
function isOfNoDate({ type }: TransactionRequest): boolean {
  return type === 'plan_change' || type === 'party_change';
}

function outside(pointer: string, detail: string): DomainError {
  return new DomainError('invalid_transaction', 'The transaction is of no term of this policy.', {
    errors: [{ pointer, detail }],
  });
}
