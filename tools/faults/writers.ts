import { delay } from '../processes.mjs';
import type { PatientClient } from './client.ts';
import type { Random } from './random.ts';

/** What the writers were told: the facts to be found again after the storm. */
export interface Written {
  posted: Set<string>;
  reversed: Set<string>;
  refused: string[];
}

export interface WriterOptions {
  client: PatientClient;
  policies: readonly string[];
  random: Random;
  writers: number;
  /** Payments a second over all writers, at most. */
  rate: number;
  /** Ask before each payment: true ends the writer. */
  enough: (written: Written) => boolean;
}

const REVERSED_SHARE = 0.1;

/** Cheques for policies with open invoices, one in ten of them taken back. */
export async function write(options: WriterOptions): Promise<Written> {
  const written: Written = { posted: new Set(), reversed: new Set(), refused: [] };
  await Promise.all(Array.from({ length: options.writers }, () => writer(options, written)));
  return written;
}

async function writer(options: WriterOptions, written: Written): Promise<void> {
  const { client, policies, random, writers, rate } = options;
  const turnMs = (1_000 * writers) / rate;
  while (!options.enough(written)) {
    const startedAt = performance.now();
    const body = { amount: 25.67, method: 'check', receivedDate: '2026-01-15', policyLocator: random.pick(policies) };
    const payment = await client.post('/payments', body);
    if (payment.status !== 201) written.refused.push(JSON.stringify(payment));
    else {
      const locator = String(payment.body['locator']);
      written.posted.add(locator);
      if (random.next() < REVERSED_SHARE) await reverse(client, locator, written);
    }
    await delay(Math.max(0, turnMs - (performance.now() - startedAt)));
  }
}

async function reverse(client: PatientClient, locator: string, written: Written): Promise<void> {
  const answer = await client.post(`/payments/${locator}/reverse`, { name: 'bounced' });
  if (answer.status === 200) written.reversed.add(locator);
  else written.refused.push(JSON.stringify(answer));
}
