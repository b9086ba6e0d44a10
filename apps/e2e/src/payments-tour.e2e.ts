import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../tools/processes.mjs';
import { stack } from './stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'quittance-tour-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the tour of the examples tells what happens to payments, and all of it is so', async () => {
  const file = join(folder, 'stack.json');
  writeFileSync(file, JSON.stringify({ ...stack.info, tenants: [stack.second] }));
  const tour = spawn(process.execPath, [join(root, 'docs/examples/payments-tour/tour.mjs')], {
    env: { PATH: process.env['PATH'], STACK_FILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  tour.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  expect(await once(tour, 'exit')).toEqual([0, null]);
  const steps = told
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 18).trim());
  expect(steps).toEqual([
    ...['hold and capture', 'declined', 'refund', 'bank debit', 'dispute', 'wrong amount', 'payment link', 'books'],
  ]);
});
