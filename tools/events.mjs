// `npm run events -- …`: the operator's commands on events; see tools/events/main.ts.
import path from 'node:path';
import { spawn } from 'node:child_process';
import { onNode24 } from './node24.mjs';

await onNode24(async () => {
  const { root, sourceArgs } = await import('./processes.mjs');
  const args = [...sourceArgs, path.join(root, 'tools/events/main.ts'), ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
});
