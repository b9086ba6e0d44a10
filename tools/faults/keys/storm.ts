import { randomUUID } from 'node:crypto';
import { delay } from '../../processes.mjs';
import type { Processes } from '../../processes.mjs';
import type { Random } from '../random.ts';
import { Sender } from './senders.ts';
import type { Order, SenderOptions, Told } from './senders.ts';

/** What every sender of an order was told, by the order's invoice. */
export type Answers = Map<string, Told[]>;

export interface Sent {
  answers: Answers;
  tries: number;
  statuses: Record<string, number>;
  reuseProbes: { sent: number; refused: number };
}

export interface Orders {
  /** Also the prefix of their invoices. */
  name: string;
  count: number;
  sender: SenderOptions;
  /** Orders begun a second, at most. */
  rate: number;
}

const AT_ONCE = 24;
const SENDERS = 2;

/**
 * Sends every order by two senders in parallel until both are answered, then the same key with another body, and, when
 * all are through, each order once more: the answer of a key is the same for ever.
 */
export async function sendAll({ name, count, sender: options, rate }: Orders): Promise<Sent> {
  const sender = new Sender(options);
  const answers: Answers = new Map();
  const orders = Array.from({ length: count }, (_, n) => orderOf(`${name}-${n}`, options.random));
  const reuseProbes = { sent: 0, refused: 0 };
  const startedAt = performance.now();
  await eachAtOnce(orders, async ({ invoice, order }, n) => {
    await delay(Math.max(0, startedAt + (n * 1_000) / rate - performance.now()));
    answers.set(invoice, await Promise.all(Array.from({ length: SENDERS }, () => sender.untilAnswered(order))));
    if (options.isCareless) return;
    const probe = await sender.untilAnswered({ ...order, body: order.body.replace('"amount":', '"amount":1') });
    reuseProbes.sent += 1;
    reuseProbes.refused += Number(probe.status === 422 && probe.body.includes('idempotency_key_reused'));
  });
  if (!options.isCareless) {
    await eachAtOnce(orders, async ({ invoice, order }) => {
      answers.get(invoice)!.push(await sender.untilAnswered(order));
    });
  }
  return { answers, tries: sender.tries, statuses: sender.statuses, reuseProbes };
}

function orderOf(invoiceLocator: string, random: Random): { invoice: string; order: Order } {
  const amount = Math.floor(random.between(100, 100_000)) / 100;
  const body = JSON.stringify({ amount, token: 'tok_visa', capture: true, invoiceLocator });
  return { invoice: invoiceLocator, order: { key: randomUUID(), body } };
}

async function eachAtOnce<T>(list: readonly T[], work: (one: T, n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const n = next++;
      await work(list[n]!, n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export interface Killing {
  processes: Processes;
  targets: readonly string[];
  kills: number;
  /** Between two kills, at least and at most. */
  calmMs: readonly [number, number];
  random: Random;
}

/** kill -9 of one process or another; the supervisor starts it again. */
export async function killAtRandom({ processes, targets, kills, calmMs, random }: Killing): Promise<number> {
  let killed = 0;
  while (killed < kills) {
    await delay(random.between(...calmMs));
    const target = random.pick(targets);
    if (!processes.get(target).running()) continue;
    await processes.kill(target);
    killed += 1;
  }
  return killed;
}
