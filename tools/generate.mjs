// `npm run generate` writes every generated file; with --check it writes nothing, lists what differs and ends with 1.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onNode24 } from './node24.mjs';

await onNode24(async () => {
  const { root, sourceArgs } = await import('./processes.mjs');
  const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'generate.ts');
  const { status } = spawnSync(process.execPath, [...sourceArgs, script, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
  return status ?? 1;
});
