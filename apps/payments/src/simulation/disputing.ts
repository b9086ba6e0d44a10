import { hearClaim, holdDisputed, loseDispute, openDispute } from '../domain/dispute.ts';
import type { Claim } from '../domain/dispute.ts';
import { flag, sayPayments } from './recording.ts';
import type { Process } from './scheduler.ts';
import type { World } from './world.ts';

/** The claim of a cardholder, as the provider tells it: opened, then decided; told twice and in any order. */
export function hearClaims(world: World): void {
  const { scheduler, random } = world;
  world.provider.onClaim = (chargeRef, claim) => {
    const hear = (): void => {
      const again = () => scheduler.after(random.between(20, 60), hear);
      // A claim to a charge that is not posted here yet is tried again.
      scheduler.spawn(heard(world, chargeRef, claim), (isKnown) => isKnown || again(), again);
    };
    world.deliver(hear);
  };
}

function* heard(world: World, chargeRef: string, claim: Claim): Process<boolean> {
  yield 1;
  const { store, now } = world;
  const payment = [...store.payments.values()].find((one) => one.providerRef === chargeRef && one.postedAt !== null);
  if (!payment) return false;
  const found = store.disputes.get(chargeRef) ?? null;
  const name = { tenantId: 't', id: `dispute-${chargeRef}`, paymentId: payment.id, provider: 'simulated' };
  const opened = found
    ? { next: found, facts: [] }
    : openDispute({ ...name, providerRef: chargeRef, currency: 'USD' }, claim, now);
  const { next, facts } = hearClaim(opened.next, claim, { payment, today: '2026-01-14', now });
  if (next === found) return true;
  store.disputes.set(chargeRef, next);
  const held = holdDisputed(payment, found, next);
  const lost = next.state === 'lost' ? loseDispute(held, next, now) : null;
  const after = lost?.next ?? held;
  store.putPayment(after);
  for (const { type, dispute } of [...opened.facts, ...facts]) store.say(dispute.id, dispute.version, type);
  if (lost) sayPayments(world, lost.facts);
  const excess = next.doubleRecoveryMinor;
  if (next.state === 'lost' && excess > 0n) flag(world, after, 'double_recovery', { minor: excess, currency: 'USD' });
  return true;
}
