// `npm run simulate [-- histories seed]`: payments in memory, on a virtual clock, under every fault that a seed draws.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { onNode24 } from './node24.mjs';
import { root, sourceArgs } from './processes.mjs';

await onNode24(
  () =>
    new Promise((resolve) => {
      const main = path.join(root, 'apps/payments/src/simulation/main.ts');
      const args = [...sourceArgs, main, ...process.argv.slice(2)];
      const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
      let text = '';
      child.stdout.on('data', (chunk) => (text += chunk));
      child.once('close', (code) => resolve(text ? keep(JSON.parse(text), code) : (code ?? 1)));
    }),
);

function keep(report, code) {
  const file = path.join(root, 'docs/reliability/simulation.json');
  const json = `${JSON.stringify({ measuredAt: new Date().toISOString(), ...report }, undefined, 2)}\n`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, json);
  process.stdout.write(json);
  return code ?? 1;
}
