import { newId } from '@quittance/service-kit/id';
import type { ReceivedPayment } from '../allocations/allocation.entity.ts';
import { takeShares } from '../allocations/unapplied-funds.service.ts';
import type { AllocatedInvoice } from '../domain/allocation.ts';
import type { MoneyKind } from '../domain/credit.ts';
import { accountsOf, isMeant } from '../domain/receipt.ts';
import type { Destination, KnownReferences, PaymentReferences } from '../domain/receipt.ts';
import type { WithdrawalKind } from '../withdrawals/withdrawal.ts';
import type { ReceivableBook } from '../allocations/receivable-book.ts';
import type { Account, Source } from './account.ts';

interface Incoming {
  readonly kind: MoneyKind;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly named: PaymentReferences;
  readonly transactionId?: string;
  readonly memoId?: string;
}

/** Money that came in, as `AllocationsService` takes it. */
export function receive(account: Account, incoming: Incoming): void {
  const { tally, rules, policy } = account;
  const { kind, amountMinor, currency, named, transactionId = null, memoId = null } = incoming;
  const destination = rules.destinationOf(named, knownBy(account, named), currency);
  const book = account.book();
  const open = accountsOf(destination).flatMap(({ locator }) => book.open({ ...account.key, locator }));
  const meant = open.filter((each) => isMeant(each, destination));
  const { invoices, unappliedMinor } = rules.allocate(amountMinor, meant, book.planOf(policy.tenantId));
  const isSuspended = destination.kind === 'suspense';
  const received: ReceivedPayment = {
    ...{ tenantId: policy.tenantId, locator: newId(), kind, currency, amountMinor, state: 'posted' },
    ...{ allocatedMinor: amountMinor - unappliedMinor, unappliedMinor: isSuspended ? 0n : unappliedMinor },
    ...{ suspendedMinor: isSuspended ? unappliedMinor : 0n, refundedMinor: 0n, disbursedMinor: 0n, returnedMinor: 0n },
    ...{ effectiveDate: account.today, version: 0 },
  };
  account.addSource(received, { transactionId, memoId });
  if (unappliedMinor > 0n) tally[isSuspended ? 'suspended' : 'overpayments']++;
  pay(account, book, received, invoices);
  keep(account, received, { destination, unappliedMinor, named });
}

function knownBy({ policy, invoices }: Account, { policyLocator, invoiceLocator }: PaymentReferences): KnownReferences {
  const invoiceId = invoices.has(invoiceLocator ?? '') ? invoiceLocator! : undefined;
  const isOurs = invoiceId !== undefined || policyLocator === policy.locator;
  const known = { policyholderIsKnown: true, policyLocators: [policy.locator] };
  return { ...known, ...(isOurs ? { policy } : {}), ...(invoiceId === undefined ? {} : { invoiceId }) };
}

function pay(account: Account, book: ReceivableBook, received: ReceivedPayment, invoices: readonly AllocatedInvoice[]) {
  if (invoices.length === 0) return;
  const { tenantId, locator: paymentLocator, kind, currency } = received;
  const { today: effectiveDate, occasion } = account;
  const head = { tenantId, id: newId(), paymentLocator, kind, currency, effectiveDate, occasion, unappliedMinor: 0n };
  for (const { invoiceId: id, items } of invoices) book.pay({ tenantId, id }, items, occasion);
  account.save(book);
  account.move({ ...nothing, received, batches: [{ ...head, invoices, reverses: null }] });
}

interface Rest {
  readonly destination: Destination;
  readonly unappliedMinor: bigint;
  readonly named: PaymentReferences;
}

function keep(account: Account, received: ReceivedPayment, { destination, unappliedMinor, named: clues }: Rest): void {
  if (unappliedMinor === 0n) return;
  const { tenantId, locator: paymentLocator, kind, currency } = received;
  const { occasion } = account;
  if (destination.kind === 'suspense') {
    const about = { tenantId, id: newId(), paymentLocator, currency, amountMinor: unappliedMinor, clues, occasion };
    return account.move({
      ...nothing,
      received,
      suspense: { closed: [], opened: [{ ...about, reason: destination.reason }] },
    });
  }
  const owner =
    'policyLocator' in destination
      ? ({ ownerType: 'policy', ownerLocator: destination.policyLocator } as const)
      : ({ ownerType: 'policyholder', ownerLocator: destination.policyholderLocator } as const);
  const fund = { tenantId, ...owner, currency, paymentLocator, kind, deltaMinor: unappliedMinor, occasion };
  account.move({ ...nothing, received, funds: [fund] });
}

/** Unapplied money pays what is owed by now, as `AutoApplyService` has it: the oldest money first. */
export function applyUnapplied(account: Account): void {
  const { rules, key, tally } = account;
  for (const { held } of account.sources.values()) {
    const share = held.shares.find(({ ownerType }) => ownerType === 'policy');
    if (!share) continue;
    const book = account.book();
    const { invoices, unappliedMinor } = rules.allocate(share.amountMinor, book.open(key), book.planOf(key.tenantId));
    const amountMinor = share.amountMinor - unappliedMinor;
    if (amountMinor === 0n) continue;
    tally.appliedLater++;
    const received = {
      ...held.received,
      unappliedMinor: held.received.unappliedMinor - amountMinor,
      allocatedMinor: held.received.allocatedMinor + amountMinor,
    };
    const funds = [{ ...share, deltaMinor: -amountMinor, occasion: account.occasion }];
    account.move({ ...nothing, received, funds });
    pay(account, book, received, invoices);
  }
}

/** Money that left its payment, as `WithdrawalsService` takes it. */
export function takeOut(account: Account, { held }: Source, kind: WithdrawalKind, minor: bigint): void {
  const { locator: paymentLocator, tenantId, currency } = held.received;
  const invoiceIds = held.batches.flatMap(({ invoices }) => invoices.map(({ invoiceId }) => invoiceId));
  const book = account.book(invoiceIds);
  const refundId = kind === 'refund' ? newId() : null;
  const nobody = { policyLocator: null, policyholderLocator: null };
  const about = { tenantId, paymentLocator, kind, refundId, amount: { minor, currency }, effectiveDate: account.today };
  const taken = account.rules.withdraw(held, { ...about, ...nobody, occasion: account.occasion }, book);
  account.save(book);
  account.move(taken);
  account.shortfallMinor += taken.missingMinor;
  if (taken.missingMinor > 0n) account.tally.shortfalls++;
}

/** Some of what is unapplied is paid out, the oldest money first. */
export function disburse(account: Account, minor: bigint): void {
  let left = minor;
  for (const { held } of account.sources.values()) {
    const shares = held.shares.filter(({ ownerType }) => ownerType === 'policy');
    const all = shares.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    const part = all < left ? all : left;
    if (part === 0n) continue;
    const { received } = held;
    const funds = takeShares(shares, part, account.occasion);
    const { unappliedMinor, disbursedMinor } = received;
    account.move({
      ...nothing,
      received: { ...received, unappliedMinor: unappliedMinor - part, disbursedMinor: disbursedMinor + part },
      funds,
    });
    left -= part;
  }
}

export function unappliedOf({ sources }: Account): bigint {
  let sum = 0n;
  for (const { held } of sources.values()) {
    for (const { ownerType, amountMinor } of held.shares) if (ownerType === 'policy') sum += amountMinor;
  }
  return sum;
}

const nothing = { batches: [], funds: [], suspense: { closed: [], opened: [] } };
