import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const version = 'v0.203.0';
export const whyNoStripeMock = `Skipped: stripe-mock ${version} is not on the PATH and Go could not build it.`;
const buildTimeoutMs = 120_000;

/** One request as Stripe's server got it. */
export interface Recorded {
  readonly what: string;
  readonly idempotencyKey: string | undefined;
  readonly body: URLSearchParams;
}

/** The official mock of Stripe's API; null where it is neither installed nor can be built. */
export async function startStripeMock() {
  const binary = onPath('stripe-mock') ?? (await built());
  if (binary === null) return null;
  const child = spawn(binary, ['-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'], { stdio: 'pipe' });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('stripe-mock ended before it listened')));
    createInterface(child.stdout).on('line', (line) => {
      const listening = /Listening for HTTP at address: \S+:(\d+)/.exec(line);
      if (listening) resolve(Number(listening[1]));
    });
  });
  const recorder = await recording(port);
  return {
    ...recorder,
    stop: async () => {
      await recorder.close();
      child.kill();
    },
  };
}

/** Stands before the mock and keeps what was asked: the mock checks requests against the API and forgets them. */
async function recording(mockPort: number) {
  const requests: Recorded[] = [];
  const server = createServer((request, response) => {
    const { method, url = '', headers } = request;
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const [path, query] = url.split('?');
      const idempotencyKey = headers['idempotency-key'] as string | undefined;
      requests.push({ what: `${method} ${path}`, idempotencyKey, body: new URLSearchParams(text || query) });
      const asked = forward({ host: '127.0.0.1', port: mockPort, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      asked.end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function onPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).concat('/usr/local/go/bin');
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** Built once for this machine. */
async function built(): Promise<string | null> {
  const cache = join(tmpdir(), 'quittance-stripe-mock');
  const binary = join(cache, `stripe-mock-${version}`);
  if (existsSync(binary)) return binary;
  const go = onPath('go');
  if (go === null) return null;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'build-'));
  try {
    const options = { env: { ...process.env, GOBIN: folder }, timeout: buildTimeoutMs };
    await promisify(execFile)(go, ['install', `github.com/stripe/stripe-mock@${version}`], options);
    // Two runs may build it at once: the last one to finish wins, and both have the same.
    renameSync(join(folder, 'stripe-mock'), binary);
    return binary;
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
