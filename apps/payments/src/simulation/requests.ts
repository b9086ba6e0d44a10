import { attemptKey, createAttempt, isOpen } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import { DomainError } from '../domain/errors.ts';
import { isPayable } from '../domain/payment-link.ts';
import { createPayment, execute, followUp } from '../domain/payment.ts';
import type { Payment } from '../domain/payment.ts';
import { seedState } from '../domain/payment-state.ts';
import { requestRefund, submitRefund } from '../domain/refund.ts';
import type { Refund } from '../domain/refund.ts';
import { askedOf, askedOfRefund, lookUp, send } from './asking.ts';
import type { ForeignCall } from './keyed-request.ts';
import { recordAttempt, recordRefund, sayPayments } from './recording.ts';
import { leaseMs } from './world.ts';
import type { World } from './world.ts';

const shown = ({ id, state, version, refundedMinor }: Payment) =>
  `${id} ${seedState(state)} ${version} ${refundedMinor}`;

function submitted(world: World, operationId: string) {
  const { now } = world;
  const state = 'submitted' as const;
  return {
    operationId,
    provider: 'simulated',
    state,
    createdAt: now,
    submittedAt: now,
    nextCheckAt: world.later(leaseMs),
  };
}

interface Wanted {
  readonly amountMinor: bigint;
  readonly capture: boolean;
  readonly linkId?: string;
}

/** Charges within the request, or holds the amount. */
export function chargeRequest(world: World, key: string, wanted: Wanted): ForeignCall<Attempt> {
  return attemptRequest(world, key, `charge ${wanted.amountMinor} ${wanted.capture}`, () =>
    beginCharge(world, key, wanted),
  );
}

/** Pays a link: the same walk, as long as it can be paid. */
export function linkRequest(world: World, key: string, linkId: string): ForeignCall<Attempt> {
  return attemptRequest(world, key, `link ${linkId}`, () => {
    const link = world.store.links.get(linkId)!;
    if (!isPayable(link, world.now)) throw new DomainError('invalid_transition', 'the link cannot be paid');
    return beginCharge(world, key, { amountMinor: link.amountMinor, capture: true, linkId });
  });
}

function beginCharge(world: World, operationId: string, { amountMinor, capture, linkId }: Wanted): Attempt {
  const id = world.newId();
  const asked = {
    tenantId: 't',
    id,
    displayId: id,
    amountMinor,
    currency: 'USD',
    channel: 'api',
    now: world.now,
  } as const;
  const created = createPayment({ ...asked, method: 'card', linkId: linkId ?? null }, 'ready');
  const executed = execute(created.next, world.now);
  world.store.putPayment(executed.next);
  sayPayments(world, [...created.facts, ...executed.facts]);
  const operation = capture ? 'charge' : 'authorise';
  return createAttempt(executed.next, { ...submitted(world, operationId), operation, token: 'tok' });
}

/** Captures or gives back what is held. */
export function followUpRequest(
  world: World,
  key: string,
  { paymentId, operation }: { paymentId: string; operation: 'capture' | 'void' },
): ForeignCall<Attempt> {
  const begin = () => {
    const { store, now } = world;
    const held = store.payments.get(paymentId)!;
    const latest = store.attempts.get(`${paymentId}_${held.attemptNo}`);
    if (latest && isOpen(latest.state)) throw new DomainError('invalid_transition', 'something is under way');
    const payment = followUp(held, operation, now);
    store.putPayment(payment);
    const { providerRef: chargeRef } = payment;
    return createAttempt(payment, { ...submitted(world, key), operation, chargeRef, token: null });
  };
  return attemptRequest(world, key, `${operation} ${paymentId}`, begin);
}

function attemptRequest(
  world: World,
  operationId: string,
  fingerprint: string,
  begin: () => Attempt,
): ForeignCall<Attempt> {
  const { store } = world;
  return {
    fingerprint,
    begin: () => {
      const attempt = begin();
      store.putAttempt(attempt);
      return attempt;
    },
    resume: () => {
      const attempt = store.attemptOfOperation(operationId);
      if (attempt.state !== 'submitted') return attempt;
      const taken = { ...attempt, checks: attempt.checks + 1, nextCheckAt: world.later(leaseMs) };
      store.putAttempt(taken);
      return taken;
    },
    *call(attempt) {
      if (attempt.state !== 'submitted') return null;
      return yield* attempt.checks === 0 ? send(world, askedOf(attempt)) : lookUp(world, askedOf(attempt));
    },
    *finish(attempt, outcome) {
      if (outcome) yield* recordAttempt(world, attemptKey(attempt), outcome);
      return shown(store.payments.get(attempt.paymentId)!);
    },
  };
}

/** Gives some of a payment back. */
export function refundRequest(
  world: World,
  key: string,
  { paymentId, amountMinor }: { paymentId: string; amountMinor: bigint },
): ForeignCall<Refund> {
  const { store } = world;
  const begin = () => {
    const { now } = world;
    const payment = store.payments.get(paymentId)!;
    const asked = { id: key, amountMinor, reason: 'asked', destination: null, requestedBy: 'client', now };
    const requested = requestRefund(seenBy(world, payment), { ...asked, approvalAboveMinor: null });
    const reserved = { ...requested.payment, refundPendingMinor: payment.refundPendingMinor + amountMinor };
    const at = { refund: requested.refund, payment: reserved };
    const decided = submitRefund(at, { now, checkAt: world.later(leaseMs), businessOn: null });
    store.putRefund(decided.refund);
    store.putPayment(decided.payment);
    for (const { type, refund } of [...requested.facts, ...decided.facts]) store.say(key, refund.version, type);
    return decided.refund;
  };
  return {
    fingerprint: `refund ${paymentId} ${amountMinor}`,
    begin,
    resume: () => {
      const refund = store.refunds.get(key)!;
      if (refund.state !== 'processing' || refund.providerRef !== null) return refund;
      const taken = { ...refund, checks: refund.checks + 1, nextCheckAt: world.later(leaseMs) };
      store.putRefund(taken);
      return taken;
    },
    *call(refund) {
      if (refund.state !== 'processing' || refund.providerRef !== null) return null;
      return yield* refund.checks === 0 ? send(world, askedOfRefund(refund)) : lookUp(world, askedOfRefund(refund));
    },
    // eslint-disable-next-line require-yield -- a transaction awaits nothing
    *finish({ id, attemptNo }, outcome) {
      if (outcome) recordRefund(world, { id, n: attemptNo }, outcome);
      const { state, version } = store.refunds.get(id)!;
      return `${id} ${state} ${version}`;
    },
  };
}

/** The planted mistake: what others have been promised is not looked at. */
function seenBy(world: World, payment: Payment): Payment {
  return world.bug === 'cap check without the reservation' ? { ...payment, refundPendingMinor: 0n } : payment;
}
