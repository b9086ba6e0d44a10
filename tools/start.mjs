// `npm start`: dependencies, Postgres, NATS, every service and two demo tenants, from a fresh clone, until Ctrl-C.
//   --no-demo      leave the demo story out
//   --keep-alive   start again what dies, instead of stopping with its last output
// Needs only Node >= 20 and npm. PORT_BASE, PG_PORT, NATS_PORT choose ports; DATABASE_URL and NATS_URL name running
// servers; DATA_DIR and STACK_FILE move what is kept.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onNode24 } from './node24.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stackFile = path.resolve(root, process.env.STACK_FILE ?? '.quittance/stack.json');

await onNode24(async () => {
  const { portsNotTaken, Stack } = await import('./stack.mjs');
  let end;
  const ended = new Promise((resolve) => (end = (why, code) => resolve({ why, code })));
  const log = (line) => console.log(`  ${line}`);
  const given = { databaseUrl: process.env.DATABASE_URL, natsUrl: process.env.NATS_URL };
  const stack = new Stack({
    dataDir: path.resolve(root, process.env.DATA_DIR ?? '.data'),
    ports: await portsNotTaken(process.env, given, log),
    ...given,
    keepAlive: process.argv.includes('--keep-alive'),
    log,
    onDeath: (child, how) => end(`${how}; the end of ${child.logFile}:\n${child.tail()}`, 1),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end(signal, 0));
  run(stack).catch((error) => end(error.message, 1));
  const { why, code } = await ended;
  (code ? console.error : console.log)(`\nstopping: ${why}`);
  fs.rmSync(stackFile, { force: true });
  await stack.stop();
  return code;
});

async function run(stack) {
  console.log('starting …');
  await stack.start();
  fs.mkdirSync(path.dirname(stackFile), { recursive: true });
  fs.writeFileSync(`${stackFile}.new`, `${JSON.stringify(stack.info, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${stackFile}.new`, stackFile);
  const story = path.join(root, 'tools/demo.mjs');
  if (!process.argv.includes('--no-demo') && fs.existsSync(story)) await play(story);
  console.log(`\n${table(stack.info)}\n\nrunning; Ctrl-C stops everything\n`);
}

/** A story that fails leaves the stack up: whoever looks for the reason needs it running. */
async function play(story) {
  const child = spawn(process.execPath, [story], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, STACK_FILE: stackFile },
  });
  const code = await new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  if (code !== 0) console.error('\nthe demo story did not end well (see above); the stack stays up');
}

function table({ gatewayUrl, services, health, natsUrl, policyNatsUrl, databaseUrl, tenants }) {
  const rows = [
    ['gateway', gatewayUrl],
    ['API reference', `${gatewayUrl}/docs`],
    ...Object.entries(services).map(([name, url]) => [name, `${url} (internal tokens only)`]),
    ...Object.entries(health).map(([name, url]) => [`${name} health`, `${url}/health/ready, ${url}/metrics`]),
    ['NATS, subscriber', natsUrl],
    ['NATS, policy system', policyNatsUrl],
    ['Postgres', databaseUrl],
    ...tenants.flatMap(({ name, id, currency, clientId, clientSecret, partnerId, apiKey, apiSecret }) => [
      [`tenant ${name}`, `${id} (${currency})`],
      ['  X-Client-ID', clientId],
      ['  X-Client-Secret', clientSecret],
      ['  partner', partnerId],
      ['  X-API-Key', apiKey],
      ['  signing secret', apiSecret],
    ]),
    ['all of this as JSON', path.relative(root, stackFile)],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`).join('\n');
}
