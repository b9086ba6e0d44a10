// What the npm commands do first, on whatever Node they were started with (20 or newer): install where that has not
// happened, then go on under the Node 24 that the dependencies bring.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { leash } from './processes.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const installed = path.join(root, 'node_modules/.package-lock.json');
const changedAt = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

export function ensureInstalled() {
  if (changedAt(installed) >= changedAt(path.join(root, 'package-lock.json'))) return;
  console.log('installing dependencies (once) …');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  fs.utimesSync(installed, new Date(), new Date());
}

/**
 * Runs `main` here when this is Node >= 24.11 with the flags given, else runs the same command again under it.
 * @param {() => Promise<number | void>} main resolves to the exit code
 * @param {string[]} flags arguments of node itself
 */
export async function onNode24(main, flags = []) {
  ensureInstalled();
  const [major, minor] = process.versions.node.split('.').map(Number);
  const fits = (major > 24 || (major === 24 && minor >= 11)) && flags.every((flag) => process.execArgv.includes(flag));
  if (fits) return process.exit((await main()) ?? 0);
  const node = path.join(root, 'node_modules/node/bin/node');
  const child = spawn(node, [...flags, ...process.argv.slice(1)], { stdio: 'inherit' });
  leash(child, 'SIGTERM');
  // a terminal's Ctrl-C reaches the child by itself as well: it counts the first signal only
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    console.error(`${node}: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code) => process.exit(code ?? 1));
}
