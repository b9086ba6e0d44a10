// The story of one policy, played by the people around the platform: see the steps in first-month.ts, second-month.ts
// and policy-system.ts. STACK_FILE names the running stack.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isBalanced, journalOf } from './books.ts';
import { agree, factsAgreed } from './checks.ts';
import { collectFirst, makeSchedule, register, settleFirst } from './first-month.ts';
import type { Registered } from './first-month.ts';
import { issueOverNats } from './policy-system.ts';
import { retrySecond, reverseSecond } from './second-month.ts';
import { Stage } from './stage.ts';
import { tellCollected, tellIssued, tellRegistered } from './tell.ts';
import { tellRetried, tellReversed, tellSchedule, tellSettled } from './tell.ts';
import type { StackInfo } from '../stack.mjs';

function runningStack(): StackInfo {
  const file = path.resolve(import.meta.dirname, '../..', process.env['STACK_FILE'] ?? '.quittance/stack.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackInfo;
  } catch {
    throw new Error(`no stack is running (${file} is not there): start one with npm start`);
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

class Telling {
  private readonly startedAt = performance.now();
  private count = 0;
  current = '';

  /** Plays a step, tells it, and says how long it took. */
  async step<T>(title: string, play: () => Promise<T>, tell: (facts: T) => string[]): Promise<T> {
    this.current = title;
    const from = performance.now();
    const facts = await play();
    const lines = tell(facts);
    this.count += 1;
    console.log(`\n${this.count}. ${title} (${seconds(performance.now() - from)})`);
    for (const line of lines) console.log(`   ${line}`);
    return facts;
  }

  took(): string {
    return seconds(performance.now() - this.startedAt);
  }
}

async function play(stage: Stage, telling: Telling): Promise<Registered> {
  const registered = await telling.step('A partner, a card and a policy', () => register(stage), tellRegistered);
  const { instalmentId } = await telling.step(
    'Billing makes the schedule',
    () => makeSchedule(stage, registered),
    tellSchedule,
  );
  const first = await telling.step(
    'The first instalment is collected',
    () => collectFirst(stage, instalmentId),
    tellCollected,
  );
  await telling.step('Everybody knows', () => settleFirst(stage, registered, first), tellSettled);
  const second = await telling.step(
    'The second month: declined, and paid a day later',
    () => retrySecond(stage, registered),
    tellRetried,
  );
  await telling.step(
    'A payment is taken back',
    () => reverseSecond(stage, registered, second.payment),
    (facts) => tellReversed(facts, second.businessDate),
  );
  await telling.step(
    'The same from a policy system, over NATS',
    () => issueOverNats(stage, registered, second.businessDate),
    tellIssued,
  );
  return registered;
}

async function summary(stage: Stage, { policyLocator }: Registered, telling: Telling): Promise<void> {
  const { listener, partner, tenant } = stage;
  const events = [...listener.counts(tenant.id).values()].reduce((sum, count) => sum + count, 0);
  const entries = await journalOf(stage, `policyLocator=${policyLocator}`);
  agree('the entries whose debits are not their credits', entries.filter((entry) => !isBalanced(entry)).length, 0);
  const rows = [
    ['events seen on NATS', `${events}, of ${listener.counts(tenant.id).size} types`],
    ['webhooks verified', `${partner.verified.length}, refused ${partner.refused.length}`],
    ['journal entries of the policy', `${entries.length}, all balanced`],
    ['facts checked', String(factsAgreed())],
    ['time', telling.took()],
  ] as const;
  console.log('');
  for (const [label, value] of rows) console.log(`   ${label.padEnd(30)} ${value}`);
  console.log('');
}

async function main(): Promise<void> {
  const info = runningStack();
  const [tenant] = info.tenants;
  if (!tenant) throw new Error('the stack has no demo tenant');
  const stage = await Stage.open(info, tenant);
  const telling = new Telling();
  try {
    await summary(stage, await play(stage, telling), telling);
  } catch (error) {
    throw new Error(`\n"${telling.current}" went wrong: ${(error as Error).message}`, { cause: error });
  } finally {
    await stage.close();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
