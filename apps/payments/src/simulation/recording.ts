import { applyOutcome } from '../domain/attempt.ts';
import type { AttemptDecision } from '../domain/attempt.ts';
import { effectOn } from '../domain/attempt-effect.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import { raiseFlag } from '../domain/payment.ts';
import type { Flag, Payment, PaymentFact } from '../domain/payment.ts';
import { applyRefundOutcome } from '../domain/refund-outcome.ts';
import { postToSuspense } from '../domain/suspense.ts';
import { doubleRecovery } from '../refunds/double-recovery.ts';
import { followLink } from './links.ts';
import type { Process } from './scheduler.ts';
import { resolveAfterMs } from './world.ts';
import type { World } from './world.ts';

/** The only way facts about payments are said: what follows from them is in the same transaction. */
export function sayPayments(world: World, facts: readonly PaymentFact[]): void {
  for (const fact of facts) {
    world.store.sayPayment(fact);
    const link = fact.payment.linkId === null ? undefined : world.store.links.get(fact.payment.linkId);
    if (link) followLink(world, link, fact);
  }
}

/** The transaction that writes down what the provider said of an attempt. It awaits nothing, unless a bug does. */
export function* recordAttempt(world: World, key: string, outcome: ProviderOutcome): Process {
  const { store, now, bug } = world;
  const attempt = store.attempts.get(key);
  const payment = attempt && store.payments.get(attempt.paymentId);
  if (!attempt || !payment) return;
  const decision = applyOutcome(attempt, outcome, now, resolveAfterMs);
  const change = effectOn(payment, decision, now);
  if (decision.next !== attempt) store.putAttempt(decision.next);
  if (bug === 'three writes without a transaction') yield 1;
  if (change) store.putPayment(change.next);
  if (bug === 'three writes without a transaction') yield 1;
  if (change) sayPayments(world, change.facts);
  if (decision.alarm) raise(world, change?.next ?? payment, { decision, outcome });
}

function raise(
  world: World,
  payment: Payment,
  { decision, outcome }: { decision: AttemptDecision; outcome: ProviderOutcome },
): void {
  const { store, now, tally } = world;
  const reason = decision.alarm!;
  if (reason === 'late_success' && outcome.kind === 'approved') {
    const { ref: providerRef, amountMinor, currency } = outcome;
    if (store.postedRefs.has(providerRef)) return;
    const money = { provider: decision.next.provider, providerRef, amountMinor, currency, effectiveOn: '2026-01-14' };
    const id = world.newId();
    const taken = postToSuspense(payment, money, { id, displayId: id }, now);
    store.putPayment(taken.next);
    sayPayments(world, taken.facts);
    tally.lateSuccesses++;
    return;
  }
  if (reason === 'amount_mismatch') tally.mismatches++;
  flag(world, payment, reason, null);
}

/** A person is told. */
export function flag(world: World, payment: Payment, reason: Flag['reason'], amount: Flag['amount']): void {
  const { store, now } = world;
  if (amount) store.flagged.set(payment.id, (store.flagged.get(payment.id) ?? 0n) + amount.minor);
  const flagged = raiseFlag(payment, { id: world.newId(), reason, amount, detail: null }, now);
  store.putPayment(flagged.next);
  sayPayments(world, flagged.facts);
}

/** The same for a refund, and for the attempt of it that the provider speaks of. */
export function recordRefund(world: World, { id, n }: { id: string; n: number }, outcome: ProviderOutcome): void {
  const { store, now } = world;
  const refund = store.refunds.get(id);
  const payment = refund && store.payments.get(refund.paymentId);
  if (!refund || !payment) return;
  const decided = applyRefundOutcome({ refund, payment }, outcome, { n, now, on: '2026-01-14', resolveAfterMs });
  if (decided.refund !== refund) store.putRefund(decided.refund);
  if (decided.payment !== payment) store.putPayment(decided.payment);
  for (const fact of decided.facts) store.say(id, fact.refund.version, fact.type);
  const isPaid = decided.facts.some(({ type }) => type === 'succeeded');
  const concern = isPaid ? doubleRecovery(decided) : null;
  if (concern?.amount) flag(world, decided.payment, concern.reason, concern.amount);
}
