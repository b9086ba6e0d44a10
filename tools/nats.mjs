// nats-server for development and tests: finds or fetches the binary, and runs it with the generated users.
// Plain JS, Node >= 20.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { answers } from './ports.mjs';
import { launch, root, untilReady } from './processes.mjs';

const RELEASE = '2.12.8';

const fetched = {
  'apt-get download': (dir) => {
    execFileSync('apt-get', ['download', 'nats-server'], { cwd: dir, stdio: 'pipe' });
    execFileSync('dpkg', ['-x', fs.readdirSync(dir).find((file) => file.endsWith('.deb')), 'x'], { cwd: dir });
    return path.join(dir, 'x/usr/sbin/nats-server');
  },
  'release download': (dir) => {
    const name = `nats-server-v${RELEASE}-${process.platform}-${{ x64: 'amd64', arm64: 'arm64' }[process.arch]}`;
    const base = `https://github.com/nats-io/nats-server/releases/download/v${RELEASE}`;
    const files = ['-O', `${base}/${name}.tar.gz`, '-O', `${base}/SHA256SUMS`];
    execFileSync('curl', ['-fsSL', '--connect-timeout', '10', ...files], { cwd: dir, stdio: 'pipe' });
    execFileSync('sh', ['-c', `grep ' ${name}.tar.gz$' SHA256SUMS | sha256sum -c -`], { cwd: dir, stdio: 'pipe' });
    execFileSync('tar', ['xzf', `${name}.tar.gz`], { cwd: dir });
    return path.join(dir, name, 'nats-server');
  },
};

/** From NATS_SERVER_BIN, the PATH (and /usr/sbin, which most users' PATH lacks), the cache, Debian, the release. */
export function natsBinary() {
  const cache = path.join(root, '.cache/nats-server');
  const fits = (file) => fs.existsSync(file) && spawnSync(file, ['--version']).status === 0;
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/sbin', '/usr/local/bin'];
  const installed = folders.map((folder) => path.join(folder, 'nats-server'));
  const found = [process.env.NATS_SERVER_BIN, ...installed, cache].find((file) => file && fits(file));
  if (found) return found;
  const said = [];
  for (const [how, get] of Object.entries(fetched)) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'nats-'));
    try {
      const file = get(dir);
      fs.mkdirSync(path.dirname(cache), { recursive: true });
      fs.copyFileSync(file, cache);
      fs.chmodSync(cache, 0o755);
      if (fits(cache)) return cache;
    } catch (error) {
      said.push(`${how}: ${String(error.stderr ?? '').trim() || error.message}`);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  }
  const advice = 'install one (apt-get install nats-server, brew install nats-server) or set NATS_SERVER_BIN';
  throw new Error(`no nats-server: ${advice}\n${said.join('\n')}`);
}

/**
 * Starts a server with JetStream on the loopback interface.
 * @param {{ dir: string, port: number, config: string, passwords: Record<string, string>, logFile?: string,
 *   binary?: string, monitorPort?: number }} options `config` is the file that tools/nats-config.ts writes: it names
 *   each password by its environment variable
 */
export async function startNats({ dir, port, config, passwords, logFile, binary = natsBinary(), monitorPort }) {
  fs.mkdirSync(dir, { recursive: true });
  const args = ['-c', config, '-a', '127.0.0.1', '-p', String(port), '-sd', dir];
  if (monitorPort) args.push('-m', String(monitorPort));
  const proc = launch({
    name: 'nats-server',
    command: binary,
    args,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...passwordVariables(passwords) },
    logFile: logFile ?? path.join(root, '.data/logs/nats.log'),
  });
  await untilReady(proc, () => answers(port), 30_000);
  const host = `127.0.0.1:${port}`;
  const urls = Object.fromEntries(
    Object.entries(passwords).map(([user, password]) => [user, `nats://${user}:${password}@${host}`]),
  );
  return { urls, process: proc, dir };
}

export const passwordVariable = (user) => `NATS_PASSWORD_${user.toUpperCase()}`;

const passwordVariables = (passwords) =>
  Object.fromEntries(Object.entries(passwords).map(([user, password]) => [passwordVariable(user), password]));
