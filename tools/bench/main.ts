import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../processes.mjs';
import { benchBankFiles } from './bank-files.ts';
import { benchBook } from './billing-book.ts';
import { benchIssuing } from './billing-issuing.ts';
import { benchConsumer } from './consumer.ts';
import { startContext } from './context.ts';
import type { BenchContext } from './context.ts';
import { benchLedger } from './ledger.ts';
import { benchMatching } from './matching.ts';
import { benchNacha } from './nacha.ts';
import type { Outcome } from './measure.ts';
import { benchHttp } from './http.ts';
import { benchLatency } from './latency.ts';
import { benchPaymentsCharge } from './payments-charge.ts';
import { benchPaymentsList } from './payments-list.ts';
import { benchPipeline } from './pipeline.ts';
import { benchRelay } from './relay.ts';
import { benchWebhooks } from './webhooks.ts';
import { benchX12 } from './x12.ts';

const scenarios: Record<string, (context: BenchContext) => Promise<Outcome | Outcome[]>> = {
  a: benchHttp,
  b: benchRelay,
  c: benchConsumer,
  d: benchLatency,
  g: benchPaymentsList,
  h: benchPaymentsCharge,
  i: benchBook,
  j: benchIssuing,
  l: benchLedger,
  n: benchMatching,
  p: benchNacha,
  'bank-files': benchBankFiles,
};
/** These bring their own servers. */
const stacks: Record<string, (dir: string) => Promise<Outcome[]>> = { e: benchPipeline, k: benchWebhooks, m: benchX12 };

/** Each scenario on servers of its own, so that none measures what another left behind. */
async function run(name: string): Promise<Outcome[]> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `quittance-bench-${name}-`));
  fs.chmodSync(dir, 0o755);
  if (stacks[name]) return stacks[name](dir);
  const context = await startContext(dir);
  try {
    return [await scenarios[name]!(context)].flat();
  } catch (error) {
    // Said before the servers end: what still talks to them fails then, and ends the process.
    console.error(error);
    throw error;
  } finally {
    await context.stop();
  }
}

function line({ scenario, what, unit, floor, product, ratio, target }: Outcome): string {
  const beside = floor === undefined ? '' : `  floor ${floor}  ratio ${ratio}`;
  return `(${scenario}) ${what}: ${product} ${unit}${beside}  [${target ?? ''}]`;
}

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
/** A run of changed files says so. */
const commit = `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'apps', 'libs') ? '+' : ''}`;

const wanted = process.argv.slice(2).filter((name) => name in scenarios || name in stacks);
const outcomes: Outcome[] = [];
for (const name of wanted.length > 0 ? wanted : [...Object.keys(scenarios), ...Object.keys(stacks)]) {
  for (const outcome of await run(name)) {
    outcomes.push({ ...outcome, measuredAt: new Date().toISOString(), commit });
    console.log(line(outcome));
    console.log(`    ${JSON.stringify(outcome.details)}`);
  }
}
const machine = {
  cpus: os.cpus().length,
  model: os.cpus()[0]?.model,
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  node: process.version,
};
const file = path.join(root, 'docs/bench/results.json');
fs.mkdirSync(path.dirname(file), { recursive: true });
const before = fs.existsSync(file)
  ? (JSON.parse(fs.readFileSync(file, 'utf8')) as { outcomes: Outcome[] }).outcomes
  : [];
const kept = before.filter(
  (old) => !outcomes.some((outcome) => outcome.scenario === old.scenario && outcome.what === old.what),
);
const all = [...kept, ...outcomes].sort((a, b) => a.scenario.localeCompare(b.scenario));
fs.writeFileSync(file, `${JSON.stringify({ machine, outcomes: all }, undefined, 2)}\n`);
process.exit();
