// `npm test`: dependencies, then lint, types, unit and integration tests, end-to-end tests, from a fresh clone. Needs
// only Node >= 20 and npm. The last line is plain and alone: "N passed, M failed, K skipped", summed over every Jest
// run. A step that ends badly without a test to blame (lint, types, a suite that does not load) counts as one failure.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, 'node_modules/.bin');
const results = path.join(root, '.data/test-results');
const [major, minor] = process.versions.node.split('.').map(Number);

if (!fs.existsSync(path.join(root, 'node_modules/.package-lock.json'))) {
  console.log('installing dependencies (once) …');
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
if (major < 24 || (major === 24 && minor < 11)) {
  process.exit(await run(path.join(root, 'node_modules/node/bin/node'), process.argv.slice(1)));
}
process.exit(await main());

/** Runs a command and gives its exit code; an interrupt reaches it and is waited for. */
function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      // the folder of this Node first: the tools' first lines say `env node`
      env: {
        ...process.env,
        PATH: [path.dirname(process.execPath), bin, process.env.PATH].join(path.delimiter),
        ...env,
      },
    });
    const pass = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, pass);
    const done = (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, pass);
      resolve(code);
    };
    child.once('error', (error) => (console.error(`${command}: ${error.message}`), done(1)));
    child.once('exit', (code) => done(code ?? 1));
  });
}

/**
 * Each step is a list of commands; all of them run, so that one run tells everything that is wrong. Those that need
 * nothing of each other run side by side, because ESLint keeps to one core.
 */
function steps() {
  const projects = ['libs', 'apps'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((project) => project !== 'apps/e2e' && fs.existsSync(path.join(root, project, 'jest.config.mjs'))),
  );
  const unit = [
    'jest',
    '--projects',
    ...projects,
    'tools',
    // Some wait for brokers, timers and processes while others work. (More than 100 % jest takes for a number.)
    `--maxWorkers=${Math.ceil(os.availableParallelism() * 1.5)}`,
    '--workerIdleMemoryLimit=1GB',
    '--testTimeout=30000',
  ];
  const e2e = ['jest', '-c', 'apps/e2e/jest.config.mjs', '--runInBand'];
  const faults = ['jest', '-c', 'apps/e2e/faults.jest.config.mjs'];
  return [
    {
      name: 'lint, types, build',
      sideBySide: true,
      commands: [
        // One process for all projects: the types that they share are read once.
        ['eslint', '--max-warnings=0', '.'],
        ['nx', 'run-many', '-t', 'typecheck', 'build', '--parallel=1'],
        ['tsc', '-p', 'tsconfig.json'],
        ['prettier', '--check', '--log-level=warn', '.'],
      ],
    },
    { name: 'unit and integration', commands: [unit], out: 'unit.json' },
    { name: 'end to end', commands: [e2e], out: 'e2e.json' },
    { name: 'faults', commands: [faults], out: 'faults.json' },
  ];
}

async function main() {
  fs.rmSync(results, { recursive: true, force: true });
  fs.mkdirSync(results, { recursive: true });
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const times = [];
  for (const step of steps()) {
    console.log(`\n> ${step.name}`);
    const startedAt = Date.now();
    const failed = await play(step, sum);
    sum.failed += failed;
    times.push([step.name, Date.now() - startedAt, failed]);
    console.log(`> ${step.name}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s${failed ? ', failed' : ''}`);
  }
  console.log('');
  for (const [name, ms, failed] of times) {
    console.log(`${name.padEnd(22)}${(ms / 1000).toFixed(1).padStart(7)} s  ${failed ? 'failed' : 'ok'}`);
  }
  console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  return sum.failed === 0 ? 0 : 1;
}

/** Runs a step, adds what Jest counted to `sum`, and gives the number of its failures. */
async function play({ commands, out, sideBySide = false }, sum) {
  const file = out && path.join(results, out);
  const more = file ? ['--json', `--outputFile=${file}`] : [];
  const NODE_OPTIONS = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
  const start = ([command, ...args]) => run(path.join(bin, command), [...args, ...more], file ? { NODE_OPTIONS } : {});
  const codes = sideBySide ? await Promise.all(commands.map(start)) : [];
  let failed = 0;
  for (const [index, command] of commands.entries()) {
    const code = codes[index] ?? (await start(command));
    const counted = file && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : undefined;
    sum.passed += counted?.numPassedTests ?? 0;
    sum.skipped += (counted?.numPendingTests ?? 0) + (counted?.numTodoTests ?? 0);
    const blamed = (counted?.numFailedTests ?? 0) + (counted?.numRuntimeErrorTestSuites ?? 0);
    failed += blamed || (code === 0 ? 0 : 1);
  }
  return failed;
}
