// `npm run bench [scenario …]`: the product beside its floor, on throwaway servers on this machine.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { onNode24 } from './node24.mjs';
import { root, sourceArgs } from './processes.mjs';

await onNode24(
  () =>
    new Promise((resolve) => {
      const args = [...sourceArgs, path.join(root, 'tools/bench/main.ts'), ...process.argv.slice(2)];
      const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
      for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
      child.once('exit', (code) => resolve(code ?? 1));
    }),
);
