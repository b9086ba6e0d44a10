import { addDays, addMonths, daysBetween } from '../domain/calendar.ts';
import type { CalendarDate, Period } from '../domain/calendar.ts';
import { isOpen } from '../domain/invoice.ts';
import { percent } from '../domain/rate.ts';
import type { CancellationRequest, EndorsementRequest, TransactionType } from '../domain/transaction.ts';
import type { Account, Source, TermAccount } from './account.ts';
import { release } from './billing.ts';
import { earningViolations, refundViolations, returnViolations } from './cover.ts';
import { renew } from './issuing.ts';
import { applyUnapplied, disburse, receive, takeOut, unappliedOf } from './money.ts';
import { plans } from './plans.ts';
import type { Random } from './random.ts';
import { recutViolations } from './splits.ts';
import { bookOf, transact } from './transacting.ts';

interface Step {
  readonly weight: number;
  /** @returns what the step itself shows to be wrong */
  readonly take: (account: Account, random: Random) => string[];
}

export const steps = {
  time: { weight: 10, take: passTime },
  payment: { weight: 7, take: pay },
  endorsement: { weight: 5, take: endorse },
  cancellation: { weight: 3, take: cancel },
  reinstatement: { weight: 2, take: reinstate },
  invalidation: { weight: 3, take: invalidate },
  'plan change': { weight: 2, take: changePlan },
  renewal: { weight: 1, take: takeRenewal },
  refund: { weight: 2, take: refund },
  reversal: { weight: 2, take: reverse },
  disbursement: { weight: 1, take: payOut },
} as const satisfies Record<string, Step>;

function passTime(account: Account, random: Random): string[] {
  account.today = addDays(account.today, 1 + random.below(75));
  release(account);
  applyUnapplied(account);
  return account.terms.flatMap((of) => earningViolations(bookOf(account, of), account.rules, account.today));
}

function pay(account: Account, random: Random): string[] {
  const { policy, tally } = account;
  const open = [...account.invoices.values()].filter(({ state }) => isOpen(state));
  const owed = open.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0n);
  // The last one as often as not: what is paid out of turn is the hard part.
  const invoice = random.chance(0.5) ? open.at(-1) : random.any(open);
  const luck = random.next();
  const kind = random.chance(0.1) ? ('credit' as const) : ('payment' as const);
  const { currency, locator: policyLocator } = policy;
  const whole = (invoice?.balanceMinor ?? 0n) > 0n ? invoice!.balanceMinor : 50n;
  const amountMinor = luck < 0.4 ? (owed > 0n ? owed : 100n) : luck < 0.7 ? whole : random.minor(2n * (owed + 50n));
  const about = { kind, currency, amountMinor };
  tally.payments++;
  const where = random.below(20);
  if (where === 0) receive(account, { ...about, named: { policyLocator: 'nowhere' } });
  else if (where === 1) receive(account, { ...about, currency: 'EUR', named: { policyLocator } });
  else if (where === 2) receive(account, { ...about, named: { policyholderLocator: 'PH-1' } });
  else if (where < 12 && invoice)
    receive(account, {
      ...about,
      amountMinor: luck < 0.7 ? whole : amountMinor,
      named: { invoiceLocator: invoice.id },
    });
  else receive(account, { ...about, named: { policyLocator } });
  return [];
}

function endorse(account: Account, random: Random): string[] {
  const of = random.any(account.terms)!;
  const { cover, first } = factsOf(account, of);
  const isReturn = random.chance(0.4);
  const most = first / 3n + 1n;
  const [category, handling] = random.pick([
    ['premium', 'proratable'],
    ['premium', 'proratable'],
    ['fee', 'fully_earned'],
  ] as const);
  const amount = () => (isReturn ? -random.minor(most) : random.minor(most));
  const request: EndorsementRequest = {
    type: 'endorsement',
    effectiveDate: dateIn(random, cover),
    charges: [
      { category, code: null, handling, amountMinor: amount() },
      ...(random.chance(0.4)
        ? [
            {
              category: 'tax' as const,
              code: 'IPT',
              handling: 'proratable' as const,
              amountMinor: random.chance(0.8) ? amount() : -amount(),
            },
          ]
        : []),
    ],
    isAnnualised: random.chance(0.3),
  };
  const { plan } = bookOf(account, of);
  const change = transact(account, of, request);
  account.tally.endorsements++;
  if (request.effectiveDate < account.today) account.tally.backdatedEndorsements++;
  if (isReturn) account.tally.returnEndorsements++;
  return recutViolations(change, plan);
}

function cancel(account: Account, random: Random): string[] {
  const of = random.any(account.terms)!;
  const { cover } = factsOf(account, of);
  const method = random.pick(['pro_rata', 'pro_rata', 'short_rate_90', 'short_rate_table', 'flat']);
  const request: CancellationRequest = {
    ...{ type: 'cancellation', method, reason: 'insured_request', charges: null },
    effectiveDate: method === 'flat' ? cover.start : dateIn(random, { start: cover.start, end: addDays(cover.end, 1) }),
    minimumEarnedRate: method !== 'flat' && random.chance(0.2) ? percent(25) : null,
  };
  const before = bookOf(account, of);
  const change = transact(account, of, request);
  account.tally.cancellations++;
  if (of.term.state === 'cancel_pending') account.tally.pendingCancellations++;
  return [
    ...returnViolations(before, change, request.effectiveDate),
    ...refundViolations(account, before, change, request),
  ];
}

function reinstate(account: Account, random: Random): string[] {
  const of = account.terms.findLast(({ term }) => term.cancelledOn !== null);
  if (!of) return [];
  const { cancelledOn, expirationDate } = of.term;
  const lapse = random.chance(0.5);
  const days = random.below(30);
  const later = addDays(cancelledOn!, days);
  const effectiveDate = later < expirationDate ? later : cancelledOn!;
  transact(account, of, { type: 'reinstatement', effectiveDate, lapse });
  account.tally.reinstatements++;
  if (lapse) account.tally.lapses++;
  return [];
}

function invalidate(account: Account, random: Random): string[] {
  const applied = account.transactions.filter(({ state, type }) => state === 'applied' && type !== 'issue');
  const named = random.chance(0.6) ? applied.at(-1) : random.any(applied);
  const of = account.terms.find(({ term }) => term.number === named?.termNumber);
  if (!named || !of) return [];
  transact(account, of, { type: 'invalidation', transactionId: named.id });
  if (named.type === 'cancellation') account.tally.rescissions++;
  account.tally.invalidations++;
  return [];
}

function changePlan(account: Account, random: Random): string[] {
  const of = account.terms.at(-1)!;
  const scope = random.pick(['all', 'planned', 'not_fully_paid']);
  const change = transact(account, of, { type: 'plan_change', plan: random.pick(plans).name, scope });
  account.tally.planChanges++;
  return recutViolations(change, change.plan!);
}

function takeRenewal(account: Account, random: Random): string[] {
  const last = account.terms.at(-1)!;
  if (last.term.state !== 'in_force' || account.terms.length > 2) return [];
  const start = last.term.expirationDate;
  const { charges } = bookOf(account, last);
  const violated = renew(account, {
    ...{ type: 'renewal', effectiveDate: start, expirationDate: addMonths(start, 12), plan: random.pick(plans).name },
    charges: charges.filter(({ transactionType, code }) => isFirst(transactionType) && code !== 'instalment_fee'),
    carryForward: true,
  });
  account.tally.renewals++;
  return violated;
}

function isFirst(type: TransactionType | null): boolean {
  return type === 'issue' || type === 'renewal';
}

function refund(account: Account, random: Random): string[] {
  const source = random.any([...account.sources.values()].filter(({ held }) => held.received.kind === 'payment'));
  if (!source) return [];
  const { amountMinor, refundedMinor, state } = source.held.received;
  const left = amountMinor - refundedMinor;
  if (state === 'reversed' || left <= 0n) return [];
  takeOut(account, source, 'refund', random.chance(0.3) ? left : random.minor(left));
  account.tally.refunds++;
  return [];
}

function reverse(account: Account, random: Random): string[] {
  const payments = [...account.sources.values()].filter(({ held: { received } }) => received.kind === 'payment');
  const source = random.any(payments.filter(({ held }) => held.received.state === 'posted'));
  if (!source) return [];
  const { amountMinor } = source.held.received;
  if (random.chance(0.7)) {
    takeOut(account, source, 'reversal', amountMinor);
    account.tally.reversals++;
  } else {
    takeOut(account, source, 'return', random.chance(0.5) ? amountMinor : random.minor(amountMinor));
    account.tally.returns++;
  }
  return pays(source);
}

/** 7: a bank may take back less than all; what it left is unapplied until the next debt. */
function pays({ held }: Source): string[] {
  return held.batches.length === 0 ? [] : ['7: what was taken back still pays'];
}

function payOut(account: Account, random: Random): string[] {
  const unapplied = unappliedOf(account);
  if (unapplied === 0n) return [];
  disburse(account, random.minor(unapplied));
  account.tally.disbursements++;
  return [];
}

function factsOf(account: Account, { term }: TermAccount): { cover: Period; first: bigint } {
  const cover = { start: term.effectiveDate, end: term.expirationDate };
  const [first] = account.charges.values();
  return { cover, first: first!.amountMinor };
}

/** On or before its last day. */
function dateIn(random: Random, { start, end }: Period): CalendarDate {
  return addDays(start, random.below(daysBetween(start, end)));
}
