// `npm run demo`: plays the story of one policy against the running stack, step by step, and checks every fact of it.
// It ends with 1 where something is not as it should be. STACK_FILE names the stack, as for `npm start`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { onNode24 } from './node24.mjs';

await onNode24(async () => {
  const { root, sourceArgs } = await import('./processes.mjs');
  const script = path.join(root, 'tools/demo/play.ts');
  const child = spawn(process.execPath, [...sourceArgs, script], { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', (error) => (console.error(error.message), resolve(1)));
    child.once('exit', (code) => resolve(code ?? 1));
  });
});
