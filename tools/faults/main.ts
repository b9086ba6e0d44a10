import fs from 'node:fs';
import path from 'node:path';
import { root } from '../processes.mjs';
import { runFaults } from './run.ts';

// npm run test:faults [-- payments faults seed]
const [payments = 20_000, faults = 120, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
const report = await runFaults({
  payments,
  faults,
  seed,
  policies: 150,
  rate: 80,
  calmMs: [700, 1_700],
  log: (line) => console.log(line),
});
console.log(JSON.stringify(report, undefined, 2));
const file = path.join(root, 'docs/reliability/faults.json');
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, `${JSON.stringify({ measuredAt: new Date().toISOString(), ...report }, undefined, 2)}\n`);
process.exit(report.findings.length === 0 ? 0 : 1);
