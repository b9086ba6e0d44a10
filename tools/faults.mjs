// `npm run test:faults`: the whole stack under kill -9, pauses and a broker that loses its data, then an audit.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { onNode24 } from './node24.mjs';
import { root, sourceArgs } from './processes.mjs';

await onNode24(
  () =>
    new Promise((resolve) => {
      const args = [...sourceArgs, path.join(root, 'tools/faults/main.ts'), ...process.argv.slice(2)];
      const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
      child.once('exit', (code) => resolve(code ?? 1));
    }),
);
