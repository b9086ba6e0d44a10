import { mkdirSync, mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../tools/ports.mjs';
import type { Processes } from '../../../tools/processes.mjs';
import { root } from '../../../tools/processes.mjs';
import { services } from '../../../tools/services.mjs';
import { Stack } from '../../../tools/stack.mjs';
import type { StackInfo, StackOptions } from '../../../tools/stack.mjs';

export interface TestStack {
  info: StackInfo;
  /** Every process by name (`postgres`, `nats-server`, `provision`, `sandbox`, the services): kill, stop, restart. */
  processes: Processes;
  natsUrls: Record<string, string>;
  logs: string;
  /** With `keep` the data and the logs stay, to see why a test failed. */
  stop(options?: { keep?: boolean }): Promise<void>;
}

/** The whole platform as processes of its own, on free ports, with data that is thrown away. It takes a few seconds. */
export async function startTestStack(
  options: Pick<StackOptions, 'keepAlive' | 'env' | 'fast'> = {},
): Promise<TestStack> {
  mkdirSync(join(root, '.data'), { recursive: true });
  const dataDir = mkdtempSync(join(root, '.data/stack-'));
  // Postgres may run as another user than this one, and has to get in
  chmodSync(dataDir, 0o755);
  const names = services.map(({ name }) => name);
  const found = await freePorts(3 + 2 * names.length);
  const [postgres, nats, sandbox] = found as [number, number, number];
  const named = (from: number) => Object.fromEntries(names.map((name, i) => [name, found[from + i] as number]));
  const ports = { postgres, nats, sandbox, http: named(3), health: named(3 + names.length) };
  const deaths: string[] = [];
  const stack = new Stack({
    fast: true,
    ...options,
    dataDir,
    ports,
    onDeath: (process, how) => deaths.push(`${how}:\n${process.tail()}`),
  });
  const stop = async ({ keep = false } = {}) => {
    await stack.stop();
    if (!keep) rmSync(dataDir, { recursive: true, force: true });
    if (deaths.length) throw new Error(`ended without having been told to: ${deaths.join('\n')}`);
  };
  try {
    await stack.start();
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return { info: stack.info, processes: stack.processes, natsUrls: stack.natsUrls, logs: join(dataDir, 'logs'), stop };
}
