// What of one policy is followed, and how it stands afterwards: pure but for the ids of new rows.
import type { QuittanceEvent } from '@quittance/events/envelope';
import { newId } from '@quittance/service-kit/id';
import type { CalendarDate } from '../domain/calendar.ts';
import { isDelinquencyOpen } from '../domain/delinquency.ts';
import type { Delinquency } from '../domain/delinquency.ts';
import { follow, isDelinquent, start } from '../domain/delinquency-course.ts';
import type { Course } from '../domain/delinquency-course.ts';
import { countsFrom, pursuedOf } from '../domain/delinquency-dates.ts';
import type { Situation } from '../domain/delinquency-dates.ts';
import type { DelinquencyPlan } from '../domain/delinquency-plan.ts';
import { feeOn, feeRuleInForce, lateFeeOn } from '../domain/fee.ts';
import type { FeeRule } from '../domain/fee.ts';
import { isHeldBy, viewOf } from '../domain/hold.ts';
import type { Hold } from '../domain/hold.ts';
import { localDate } from '../domain/zone.ts';
import type { DelinquencySettings } from './delinquency-settings.repository.ts';
import type { DebtorPolicy, DebtorTerm, OpenDebt } from './past-due.repository.ts';

/** A policy, with everything that was read about it under its lock. */
export interface Debtor {
  readonly policy: DebtorPolicy;
  readonly debts: readonly OpenDebt[];
  readonly open: readonly Delinquency[];
  readonly holds: readonly Hold[];
  readonly settings: DelinquencySettings;
  readonly paidOn: ReadonlyMap<string, CalendarDate>;
  readonly now: Date;
  /** By which what is new is followed; null where nothing new is. */
  readonly planId: string | null;
  readonly cause?: QuittanceEvent | undefined;
}

export interface LateFee {
  readonly debt: OpenDebt;
  readonly amountMinor: bigint;
}

export interface Followed extends Course {
  readonly debtor: Debtor;
  /** Past due of it, each its own from now on. */
  readonly owed: readonly OpenDebt[];
  readonly term: DebtorTerm;
  readonly lateFees: readonly LateFee[];
  /** It ended because the policy goes on, for which a fee may be asked. */
  readonly isReinstated: boolean;
  /** It ended though it is not paid, since the policy goes on: what is owed begins anew. */
  readonly goesOn: boolean;
}

export function followDebtor(debtor: Debtor): Followed[] {
  const today = localDate(debtor.now, debtor.policy.timeZone);
  const pastDue = debtor.debts.filter(({ dueOn }) => dueOn < today);
  const known = debtor.open.flatMap((delinquency) => followKnown(delinquency, debtor, pastDue));
  return [...known, ...startNew(debtor, pastDue)];
}

/** @throws Error where it is not there: plans are never deleted */
export function planOf({ settings }: Debtor, { planId }: Delinquency): DelinquencyPlan {
  const plan = settings.plans.find(({ id }) => id === planId);
  if (!plan) throw new Error(`delinquency plan ${planId} is gone`);
  return plan;
}

/** The term that is not paid: the last one of which more is owed than is as good as paid. */
export function unpaidTerm({ terms }: DebtorPolicy, owed: readonly OpenDebt[], plan: DelinquencyPlan): DebtorTerm {
  const unpaid = new Set(pursuedOf(owed, plan).map(({ termNumber }) => termNumber));
  return terms.findLast(({ number }) => unpaid.has(number)) ?? terms.at(-1)!;
}

function endOf({ cancelledOn, expirationDate }: Pick<DebtorTerm, 'cancelledOn' | 'expirationDate'>): CalendarDate {
  return cancelledOn ?? expirationDate;
}

function followKnown(delinquency: Delinquency, debtor: Debtor, pastDue: readonly OpenDebt[]): Followed[] {
  const { id, invoiceId } = delinquency;
  const plan = planOf(debtor, delinquency);
  const owed = pastDue.filter((debt) =>
    invoiceId === null ? debt.delinquencyId === null || debt.delinquencyId === id : debt.id === invoiceId,
  );
  const situation = situationOf(debtor, plan, owed, delinquency);
  return [followed(debtor, owed, follow(delinquency, situation), situation)];
}

function startNew(debtor: Debtor, pastDue: readonly OpenDebt[]): Followed[] {
  const { policy, now, open } = debtor;
  const plan = debtor.settings.plans.find(({ id }) => id === debtor.planId);
  const isOver = ({ termNumber }: OpenDebt) =>
    policy.terms.some(({ number, ...term }) => number === termNumber && endOf(term) <= localDate(now, policy.timeZone));
  // As the sweep finds them: what it would find and nobody took up, it would find for ever.
  const unseen = pastDue.filter((debt) => debt.delinquencyId === null && !isOver(debt));
  if (!plan || unseen.length === 0 || open.some(({ invoiceId }) => invoiceId === null)) return [];
  const groups = plan.level === 'policy' ? [unseen] : unseen.map((debt) => [debt]);
  return groups.flatMap((owed) => {
    const situation = situationOf(debtor, plan, owed, null);
    if (!isDelinquent(situation)) return [];
    const { tenantId, locator: policyLocator, currency } = policy;
    const invoiceId = plan.level === 'policy' ? null : owed[0]!.id;
    const identity = { tenantId, id: newId(), policyLocator, invoiceId, currency, createdAt: now };
    return [followed(debtor, owed, start(identity, situation), situation)];
  });
}

function situationOf(
  debtor: Debtor,
  plan: DelinquencyPlan,
  owed: readonly OpenDebt[],
  delinquency: Delinquency | null,
): Situation {
  const { policy, now, settings } = debtor;
  const today = localDate(now, policy.timeZone);
  const hold = viewOf(
    debtor.holds.filter((each) => isHeldBy(policy, each)),
    today,
  );
  const term = unpaidTerm(policy, owed, plan);
  const { effectiveDate, cancelledOn } = term;
  const rule = lateFeeRule(debtor, today);
  const fees = pursuedOf(owed, plan).flatMap((debt) => lateFeeDate(debt, { hold, today }, rule));
  return {
    ...{ now, today, plan, hold, rules: settings.rules, owed },
    policy: { ...policy, effectiveDate, expirationDate: endOf(term) },
    policySince: policy.effectiveDate,
    isCancelled: cancelledOn !== null,
    isReinstated: delinquency !== null && isReinstatedSince(policy, lapseAskedAt(delinquency)),
    isUnpaid: !policy.isPaid,
    paidOn: (delinquency && debtor.paidOn.get(delinquency.id)) ?? null,
    lateFeeOn: fees.filter((date) => date > today).sort()[0] ?? null,
    newIds: { notice: newId(), cancellation: newId() },
  };
}

function isReinstatedSince({ reinstatedAt }: DebtorPolicy, since: Date): boolean {
  return reinstatedAt !== null && reinstatedAt > since;
}

/** When the notice said; a policy that was not taken is asked to be cancelled as soon as that is seen. */
function lapseAskedAt({ notice, createdAt }: Delinquency): Date {
  return notice?.effectiveAt ?? createdAt;
}

function followed(debtor: Debtor, owed: readonly OpenDebt[], course: Course, situation: Situation): Followed {
  const { state } = course.delinquency;
  // What was never on risk owes nothing.
  const isOwing = isDelinquencyOpen(state) && state !== 'lapsed' && course.delinquency.reason !== 'not_taken';
  const isPursued = isOwing && !situation.hold.isHeld;
  const isReinstated = situation.isReinstated && state === 'closed' && course.delinquency.cancelOn !== null;
  const term = unpaidTerm(debtor.policy, owed, situation.plan);
  const lateFees = isPursued ? lateFeesOf(debtor, owed, situation) : [];
  const isOwed = course.delinquency.balanceMinor > situation.plan.toleranceMinor;
  const goesOn = isReinstated || (state === 'rescinded' && isOwed);
  return { ...course, debtor, owed, term, lateFees, isReinstated, goesOn };
}

function lateFeesOf(debtor: Debtor, owed: readonly OpenDebt[], situation: Situation): LateFee[] {
  const { today, plan } = situation;
  const rule = lateFeeRule(debtor, today);
  return pursuedOf(owed, plan)
    .filter((debt) => lateFeeDate(debt, situation, rule).some((date) => date <= today))
    .map((debt) => ({ debt, amountMinor: feeOn(rule, debt.balanceMinor) }))
    .filter(({ amountMinor }) => amountMinor > 0n);
}

/**
 * A fee is not late itself, a debt is charged for lateness once, and not while a charge of ours has no answer. Its days
 * count from when it was asked for: an outage of ours makes nobody late (S-27).
 */
function lateFeeDate(debt: OpenDebt, at: Pick<Situation, 'hold' | 'today'>, rule: FeeRule | null): CalendarDate[] {
  if (!rule || debt.isFee || debt.hasLateFee || debt.openAttempt === 'requested') return [];
  const [dueOn, askedOn] = [countsFrom(debt.dueOn, at), debt.askedOn ?? at.today];
  return [lateFeeOn(askedOn > dueOn ? askedOn : dueOn, rule)];
}

function lateFeeRule({ policy, settings }: Debtor, on: CalendarDate): FeeRule | null {
  const { currency, jurisdiction, line } = policy;
  return feeRuleInForce(settings.feeRules, { type: 'late_fee', currency, jurisdiction, line, on });
}
