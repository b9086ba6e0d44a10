import type { Answer, ForeignCall } from './keyed-request.ts';
import { keyedRequest } from './keyed-request.ts';
import { collectInstalment } from './collecting.ts';
import { closeLink, makeLink } from './links.ts';
import { chargeRequest, followUpRequest, linkRequest, refundRequest } from './requests.ts';
import { violations } from './invariants.ts';
import { startWorkers } from './workers.ts';
import { emptyTally, World } from './world.ts';
import type { Bug, Tally } from './world.ts';

const stepsMax = 20_000;
const senders = 2;

/**
 * One history: some payments, each wanted by two clients with the same key, held and captured or given back or both at
 * once, refunded by several at a time, while processes die, answers get lost and messages come twice and in any order.
 * @returns what is not true in the end; nothing, if the service is right
 */
export function simulate(seed: number, bug: Bug | null = null, tally: Tally = emptyTally()): string[] {
  const world = new World(seed, bug, tally);
  startWorkers(world);
  for (let n = world.random.upTo(2); n > 0; n--) begin(world, `order${n}`);
  const stopped = stopsBy(world);
  count(world);
  return stopped === null ? violations(world) : [stopped];
}

/** What keeps it from coming to rest; null when it does. */
function stopsBy({ scheduler }: World): string | null {
  try {
    return scheduler.run(stepsMax) ? null : `not at rest after ${stepsMax} steps`;
  } catch (error) {
    // Nothing that comes in any order may lead to a move that is not allowed.
    return `a worker failed: ${String(error)}`;
  }
}

function begin(world: World, name: string): void {
  const amountMinor = BigInt(2 * world.random.upTo(5_000));
  const luck = world.random.next();
  if (luck < 0.15) collectInstalment(world, name, amountMinor);
  else if (luck < 0.3) offerLink(world, name, amountMinor);
  else placeOrder(world, name, amountMinor);
}

/** Two people pay one link at the same time, and somebody may withdraw it. */
function offerLink(world: World, name: string, amountMinor: bigint): void {
  const { scheduler, random } = world;
  makeLink(world, name, amountMinor);
  for (const payer of [1, 2]) {
    const key = `${name} payer${payer}`;
    scheduler.after(random.between(0, 300), () => ask(world, key, linkRequest(world, key, name)));
  }
  scheduler.after(random.between(0, 300), () => closeLink(world, name));
  scheduler.after(3_000, () => closeLink(world, name));
}

function placeOrder(world: World, name: string, amountMinor: bigint): void {
  const { random, store } = world;
  const capture = random.chance(0.7);
  const key = `${name} charge`;
  let isKnown = false;
  const whenAnswered = () => {
    if (isKnown) return;
    isKnown = true;
    const { paymentId } = store.attemptOfOperation(key);
    // Long enough for the resolver to have asked, so that most payments have come to something.
    world.scheduler.after(random.between(100, 600), () => goOn(world, name, paymentId));
  };
  ask(world, key, chargeRequest(world, key, { amountMinor, capture }), whenAnswered);
}

/** What clients do with a payment once they know it. */
function goOn(world: World, name: string, paymentId: string): void {
  const { random, store } = world;
  const { state, amountMinor } = store.payments.get(paymentId)!;
  if (state === 'authorised') {
    const operation = random.chance(0.6) ? 'capture' : 'void';
    followUp(world, `${name} ${operation}`, { paymentId, operation });
    // Somebody else wants the opposite at the same time.
    const other = operation === 'capture' ? 'void' : 'capture';
    if (random.chance(0.3)) followUp(world, `${name} ${other}`, { paymentId, operation: other });
  }
  if (state === 'posted') {
    for (let n = random.upTo(3); n > 0; n--) {
      const part = BigInt(random.upTo(Number(amountMinor)));
      const key = `${name} refund${n}`;
      ask(world, key, refundRequest(world, key, { paymentId, amountMinor: part }));
    }
  }
}

function followUp(world: World, key: string, asked: Parameters<typeof followUpRequest>[2]): void {
  ask(world, key, followUpRequest(world, key, asked));
}

/** Two clients send the same, each until it is answered. */
function ask<B>(world: World, key: string, work: ForeignCall<B>, whenAnswered: () => void = () => undefined): void {
  const { scheduler, random, answers } = world;
  for (let n = 0; n < senders; n++) {
    world.waiting++;
    const again = () => scheduler.after(random.between(5, 60), attempt);
    const heard = (answer: Answer) => {
      if (answer.kind === 'come_back') return again();
      world.waiting--;
      if (answer.kind === 'refused') return;
      answers.set(key, (answers.get(key) ?? new Set()).add(answer.body));
      whenAnswered();
    };
    const attempt = () => scheduler.spawn(keyedRequest(world, key, work), heard, again);
    scheduler.after(random.between(0, 20), attempt);
  }
}

function count({ scheduler, consumer, store, tally }: World): void {
  tally.histories++;
  tally.steps += scheduler.steps;
  tally.crashes += scheduler.crashes;
  tally.stalls += scheduler.stalls;
  tally.repeatedEvents += consumer.repeated;
  tally.parkedEvents += consumer.parked;
  for (const { state, operation, sourceId } of store.attempts.values()) {
    if (state !== 'succeeded') continue;
    if (operation === 'charge') tally.posted++;
    if (sourceId !== null) tally.collected++;
    if (operation === 'capture') tally.captured++;
    if (operation === 'void') tally.voided++;
  }
  for (const { state } of store.refunds.values()) if (state === 'succeeded') tally.refunded++;
  for (const { status } of store.links.values()) {
    if (status === 'completed') tally.paidLinks++;
    if (status === 'expired' || status === 'cancelled') tally.closedLinks++;
  }
  for (const { state } of store.disputes.values()) {
    if (state === 'lost') tally.lostDisputes++;
    if (state === 'won') tally.wonDisputes++;
  }
}
