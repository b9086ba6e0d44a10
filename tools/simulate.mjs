// `npm run simulate [-- what] [count seed]`: what happens to money, played in the open with all that a seed draws.
//   payments  requests and a provider in memory, on a virtual clock: what this does where nobody says
//   billing   policies, money and time in memory
//   year      a year of policies by the test clock of the real service, against an independent calculation
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { onNode24 } from './node24.mjs';
import { root, sourceArgs } from './processes.mjs';

const named = ['payments', 'billing', 'year'].find((what) => what === process.argv[2]);
const what = named ?? 'payments';
const [count, seed] = process.argv.slice(named ? 3 : 2);
const reports = { payments: 'simulation', billing: 'billing-simulation', year: 'year' };
const report = path.join(root, `docs/reliability/${reports[what]}.json`);

await onNode24(what === 'year' ? playYear : simulate);

function simulate() {
  return new Promise((resolve) => {
    const main = path.join(root, 'tools/simulation.ts');
    const args = [...sourceArgs, main, what, ...[count, seed].filter((each) => each !== undefined)];
    const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    child.once('close', (code) => resolve(text ? keep(JSON.parse(text), code) : (code ?? 1)));
  });
}

/** Needs a database and a broker, which the tests have: it is a test in its long form, and writes its report itself. */
function playYear() {
  return new Promise((resolve) => {
    const jest = path.join(root, 'node_modules/jest/bin/jest.js');
    const args = [
      '--experimental-vm-modules',
      jest,
      '-c',
      'apps/billing/jest.config.mjs',
      '--maxWorkers=1',
      'year.itest',
    ];
    const env = { ...process.env, YEAR_POLICIES: count ?? '10000', YEAR_REPORT: report };
    if (seed !== undefined) env.SIMULATION_SEED = seed;
    const child = start(process.execPath, args, { stdio: 'inherit', env });
    child.once('close', (code) => resolve(code ?? 1));
  });
}

function start(command, args, options) {
  const child = spawn(command, args, { cwd: root, ...options });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return child;
}

function keep(found, code) {
  const json = `${JSON.stringify({ measuredAt: new Date().toISOString(), ...found }, undefined, 2)}\n`;
  fs.mkdirSync(path.dirname(report), { recursive: true });
  fs.writeFileSync(report, json);
  process.stdout.write(json);
  return code ?? 1;
}
