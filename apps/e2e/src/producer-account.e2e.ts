import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../tools/processes.mjs';
import { stack } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'quittance-producer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("S-118: the example of a producer's account tells what is earned, paid and taken back", async () => {
  const file = join(folder, 'stack.json');
  writeFileSync(file, JSON.stringify({ ...stack.info, tenants: [stack.demo] }));
  const example = spawn(process.execPath, [join(root, 'docs/examples/producer-account/account.mjs')], {
    env: { PATH: process.env['PATH'], STACK_FILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  example.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  expect(await once(example, 'exit')).toEqual([0, null]);
  const steps = told
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 18).trim());
  expect(steps).toEqual(['agreement', 'policy', 'first payment', 'payout', 'returned']);
});
