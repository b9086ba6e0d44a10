import fs from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../ports.mjs';
import { root, sourceArgs } from '../../processes.mjs';
import type { Processes } from '../../processes.mjs';

export interface DispatcherSpec {
  name: string;
  processes: Processes;
  dir: string;
  env: Record<string, string | undefined>;
  /** How far its wall clock is off. */
  skewMs: number;
}

/** One process of webhooks, from source, that the storm can kill at a given point of an event's way. */
export interface Dispatcher {
  name: string;
  url: string;
  /** It dies the next time it passes this point; undefined takes the order back. */
  order(point: string | undefined): void;
  /** Whether it has done so. */
  hasObeyed(): boolean;
}

const killPoints = path.join(root, 'apps/webhooks/src/testing/kill-points.itest.ts');

export async function startDispatcher({ name, processes, dir, env, skewMs }: DispatcherSpec): Promise<Dispatcher> {
  const [port, healthPort] = (await freePorts(2)) as [number, number];
  const orders = path.join(dir, `${name}.orders`);
  await processes.start({
    name,
    command: process.execPath,
    args: [...sourceArgs, '--import', killPoints, 'src/main.ts'],
    cwd: path.join(root, 'apps/webhooks'),
    logFile: path.join(dir, `${name}.log`),
    env: {
      ...env,
      ...{ INSTANCE_ID: name, PORT: String(port), HEALTH_PORT: String(healthPort) },
      ...{ KILL_ORDERS: orders, CLOCK_SKEW_MS: String(skewMs) },
    },
    ready: () =>
      fetch(`http://127.0.0.1:${healthPort}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  });
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    order(point) {
      if (point === undefined) fs.rmSync(orders, { force: true });
      else fs.writeFileSync(orders, point);
    },
    hasObeyed: () => !fs.existsSync(orders),
  };
}
