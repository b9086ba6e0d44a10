import fs from 'node:fs';
import path from 'node:path';
import { root } from '../processes.mjs';
import { runKeys } from './keys/run.ts';
import { runFaults } from './run.ts';
import { runWebhooks } from './webhooks/run.ts';

// npm run test:faults [-- payments faults seed]
// npm run test:faults -- keys [keys kills lostAnswers seed]
// npm run test:faults -- webhooks [faults seed]
const words = process.argv.slice(2);
const log = (line: string) => console.log(line);
const storms = { faults, keys, webhooks };
const name = words[0] === 'keys' || words[0] === 'webhooks' ? words[0] : 'faults';
const report = await storms[name]((name === 'faults' ? words : words.slice(1)).map(Number));
console.log(JSON.stringify(report, undefined, 2));
const file = path.join(root, `docs/reliability/${name}.json`);
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, `${JSON.stringify({ measuredAt: new Date().toISOString(), ...report }, undefined, 2)}\n`);
process.exit(report.findings.length === 0 ? 0 : 1);

function faults([payments = 20_000, count = 120, seed = Date.now() % 1_000_000]: number[]) {
  return runFaults({ seed, payments, faults: count, policies: 150, rate: 80, calmMs: [700, 1_700], log });
}

function keys([count = 10_000, kills = 300, lostAnswers = 300, seed = Date.now() % 1_000_000]: number[]) {
  return runKeys({ seed, keys: count, kills, lostAnswers, calmMs: [800, 2_200], log });
}

function webhooks([count = 150, seed = Date.now() % 1_000_000]: number[]) {
  return runWebhooks({ seed, faults: count, rate: 200, calmMs: [1_000, 3_000], pauseMs: 20_000, log });
}
