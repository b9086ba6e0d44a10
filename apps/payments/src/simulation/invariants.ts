import { attemptKey, isOpen } from '../domain/attempt.ts';
import type { World } from './world.ts';

/** What must be true when everything has come to rest; each line says what is not. */
export function violations(world: World): string[] {
  const { store, waiting } = world;
  const found = [...store.broken];
  if (waiting > 0) found.push(`${waiting} clients were never answered`);
  found.push(...answers(world), ...money(world), ...refunds(world), ...facts(world));
  found.push(...disputes(world), ...links(world), ...instalments(world));
  for (const attempt of store.attempts.values()) {
    // Where another amount was confirmed a person has to decide: that one stays open, and says so.
    if (isOpen(attempt.state) && attempt.reason !== 'amount_mismatch') found.push(`${attemptKey(attempt)} is open`);
  }
  return found;
}

/** One key, one answer, for ever. */
function* answers({ store, answers }: World): Iterable<string> {
  for (const [key, bodies] of answers) {
    if (bodies.size > 1) yield `${key} was answered differently: ${[...bodies].join(' | ')}`;
    for (const body of bodies) if (store.keys.get(key)?.body !== body) yield `${key} has another answer stored`;
  }
  for (const [key, { state }] of store.keys) if (state !== 'done') yield `${key} is not finished`;
}

/** Every charge of the provider is one posted payment, or waits for a person; and no key charged twice. */
function* money({ store, provider }: World): Iterable<string> {
  const mismatched = new Set<string>();
  const captured = new Map<string, bigint>();
  for (const { reason, providerRef } of store.attempts.values()) {
    if (reason === 'amount_mismatch' && providerRef !== null) mismatched.add(providerRef);
  }
  for (const { key, kind, chargeRef, amountMinor } of provider.moved) {
    if (kind === 'refunded') continue;
    if (!store.attempts.has(key)) yield `${key} charged, and is no attempt's key`;
    if (captured.has(chargeRef)) yield `${chargeRef} took money twice`;
    captured.set(chargeRef, amountMinor);
    if (!store.postedRefs.has(chargeRef) && !mismatched.has(chargeRef))
      yield `${chargeRef} took money that is not posted`;
  }
  for (const { id, providerRef, postedAt, amountMinor } of store.payments.values()) {
    if (postedAt === null || providerRef === null) continue;
    const taken = captured.get(providerRef) ?? 0n;
    if (taken !== amountMinor) yield `${id} posted ${amountMinor}, the provider took ${taken}`;
  }
}

/** What the provider gave back is what the payment says, and never more than was taken. */
function* refunds({ store, provider }: World): Iterable<string> {
  const given = new Map<string, bigint>();
  for (const { kind, chargeRef, amountMinor } of provider.moved) {
    if (kind === 'refunded') given.set(chargeRef, (given.get(chargeRef) ?? 0n) + amountMinor);
  }
  for (const { id, providerRef, amountMinor, refundedMinor, refundPendingMinor } of store.payments.values()) {
    const back = (providerRef !== null && given.get(providerRef)) || 0n;
    if (back > amountMinor) yield `${id}: more was given back than was taken`;
    if (back !== refundedMinor) yield `${id}: ${back} was given back, ${refundedMinor} is booked`;
    if (refundPendingMinor !== 0n) yield `${id}: ${refundPendingMinor} is still promised`;
  }
  for (const { id, state } of store.refunds.values()) {
    if (state !== 'succeeded' && state !== 'failed') yield `refund ${id} is ${state}`;
  }
}

/** A dispute ends as the provider says, and holds nothing any more; what left twice was never left twice in silence. */
function* disputes({ store, provider }: World): Iterable<string> {
  for (const [chargeRef, state] of provider.disputes) {
    const heard = store.disputes.get(chargeRef);
    if (heard?.state !== state) yield `the dispute of ${chargeRef} is ${state}, here ${heard?.state}`;
  }
  for (const { id, disputedMinor, refundedMinor, lostMinor, amountMinor } of store.payments.values()) {
    if (disputedMinor !== 0n) yield `${id}: ${disputedMinor} is still disputed`;
    const excess = refundedMinor + lostMinor - amountMinor;
    if (excess > (store.flagged.get(id) ?? 0n))
      yield `${id}: ${excess} more than was taken left it, and nobody was told`;
  }
}

/** One link, one payment that is kept; whatever else came in waits in suspense. */
function* links({ store }: World): Iterable<string> {
  for (const { id, status, paymentId } of store.links.values()) {
    const kept = [...store.payments.values()].filter(
      ({ linkId, postedAt, toSuspense }) => linkId === id && postedAt !== null && !toSuspense,
    );
    if (kept.length > 1) yield `${id} was paid ${kept.length} times`;
    if (status !== 'completed') {
      if (kept.length > 0) yield `${id} was paid and is ${status}`;
    } else if (store.payments.get(paymentId!)?.postedAt === null) yield `${id} is completed and not paid`;
  }
}

/** Nothing that billing asked for is taken twice, however often it asked. */
function* instalments({ store }: World): Iterable<string> {
  const taken = [...store.payments.values()].filter(
    ({ sourceId, postedAt, toSuspense }) => sourceId !== null && postedAt !== null && !toSuspense,
  );
  if (new Set(taken.map(({ sourceId }) => sourceId)).size !== taken.length) yield 'an instalment was taken twice';
}

/** Every fact reached the books once, in its order. */
function* facts({ store, consumer }: World): Iterable<string> {
  const booked = Map.groupBy(consumer.booked, ({ subject }) => subject);
  const said = Map.groupBy(store.log, ({ subject }) => subject);
  for (const [subject, list] of said) {
    const taken = booked.get(subject) ?? [];
    const isSame = taken.length === list.length && taken.every(({ id }, n) => id === list[n]!.id);
    if (!isSame) yield `${subject}: ${list.length} facts, booked ${taken.map(({ sequence }) => sequence).join(' ')}`;
  }
}
