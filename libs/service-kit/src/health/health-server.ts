import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Readiness } from './readiness.ts';

const TICK_MS = 500;
const LAG_MAX_MS = 5_000;

/**
 * Probes and metrics on a port of their own, so that traffic cannot starve them and the outside cannot reach them.
 *
 * - startup: everything is wired
 * - live: the event loop turns; never a dependency, else a database blip restarts the fleet
 * - ready: the registered checks pass and the process is not draining
 */
export class HealthServer {
  private readonly server: Server;
  private readonly ticker: NodeJS.Timeout;
  private tickedAtMs = performance.now();

  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.ticker = setInterval(() => (this.tickedAtMs = performance.now()), TICK_MS).unref();
  }

  /** Listens and answers the port, which matters when 0 was asked for. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    try {
      if (path === '/metrics') {
        const text = await this.metrics.registry.metrics();
        response.writeHead(200, { 'content-type': this.metrics.registry.contentType }).end(text);
        return;
      }
      const healthy = await this.probe(path);
      const status = healthy === undefined ? 404 : healthy ? 200 : 503;
      // No details: the port needs no credential. What fails is in the log.
      const body = { status: healthy === undefined ? 'unknown' : healthy ? 'ok' : 'unavailable' };
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } catch {
      response.writeHead(500).end();
    }
  }

  private async probe(path: string | undefined): Promise<boolean | undefined> {
    if (path === '/health/startup') return this.readiness.isStarted;
    if (path === '/health/live') return performance.now() - this.tickedAtMs < LAG_MAX_MS;
    if (path === '/health/ready') return this.readiness.isReady();
    return undefined;
  }
}
