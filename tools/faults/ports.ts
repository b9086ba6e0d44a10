import net from 'node:net';
import { freePorts } from '../ports.mjs';

const OFFSETS = [0, 1, 2, 3, 4, 5, 1000, 1001, 1002, 1003, 1004];

/** PORT_BASE, PG_PORT and NATS_PORT such that the whole stack fits beside whatever else runs on this machine. */
export async function freePortBlock(): Promise<NodeJS.ProcessEnv> {
  const [pgPort, natsPort] = (await freePorts(2)) as [number, number];
  for (let base = 18_000; base < 60_000; base += 20) {
    const free = await Promise.all(OFFSETS.map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return { PORT_BASE: String(base), PG_PORT: String(pgPort), NATS_PORT: String(natsPort) };
  }
  throw new Error('no free block of ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
