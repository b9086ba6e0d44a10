import { attemptKey } from '../domain/attempt.ts';
import type { Attempt } from '../domain/attempt.ts';
import type { ProviderOutcome } from '../domain/outcome.ts';
import type { Refund } from '../domain/refund.ts';
import { refundKey } from '../domain/refund-outcome.ts';
import type { Asked } from './provider.ts';
import type { Process } from './scheduler.ts';
import type { World } from './world.ts';

const lost = { kind: 'unknown', reason: 'no answer' } as const;

/** What an attempt asks the provider. */
export function askedOf(attempt: Attempt): Asked {
  const { operation, chargeRef, amountMinor } = attempt;
  const isCharge = operation === 'charge' || operation === 'authorise';
  return {
    ...{ operation: isCharge ? 'charge' : operation, capture: operation === 'charge' },
    ...{ key: attemptKey(attempt), chargeRef, amountMinor },
  };
}

export function askedOfRefund(refund: Refund): Asked {
  const { chargeRef, amountMinor } = refund;
  return { operation: 'refund', key: refundKey(refund), chargeRef, amountMinor, capture: false };
}

/** One call over a line that breaks on the way there, on the way back, or not. */
export function* send(world: World, asked: Asked): Process<ProviderOutcome> {
  yield world.random.between(0, 5);
  if (world.random.chance(0.02)) return { kind: 'never_reached', reason: 'no connection' };
  const outcome = world.provider.ask(asked);
  yield world.random.between(0, 5);
  if (!world.random.chance(0.08)) return outcome;
  world.tally.lostAnswers++;
  return lost;
}

/** Asks what became of a key; what the provider has never seen is sent. */
export function* lookUp(world: World, asked: Asked): Process<ProviderOutcome> {
  if (world.bug === 'new provider key per retry') return yield* send(world, { ...asked, key: `${asked.key}_again` });
  yield world.random.between(0, 5);
  const outcome = world.provider.lookup(asked.operation, asked.key);
  yield world.random.between(0, 5);
  if (world.random.chance(0.08)) {
    world.tally.lostAnswers++;
    return lost;
  }
  if (outcome.kind !== 'never_seen') return outcome;
  world.tally.sentAgain++;
  return yield* send(world, asked);
}
