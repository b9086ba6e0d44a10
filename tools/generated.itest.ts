import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './processes.mjs';

describe('generated files', () => {
  it('are committed as the code generates them', async () => {
    const check = promisify(execFile)(process.execPath, [join(root, 'tools/generate.mjs'), '--check'], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    await expect(check).resolves.toEqual({ stdout: '', stderr: '' });
  }, 120_000);
});
