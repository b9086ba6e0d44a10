import { Injectable } from '@nestjs/common';
import { Problem } from '@quittance/service-kit/http/problem';
import { metrics } from '@quittance/service-kit/telemetry/metrics';

/** Requests that wait, in this process and of one tenant: each holds a socket, and asks the database every second. */
const waitingMax = 500;
const waitingMaxOfTenant = 50;

const waiting = metrics.gauge('webhook_polls_waiting', 'Requests of pull consumers that wait for a message');

/** Requests that wait for a message of their tenant. A wake-up is a hint: whoever is woken looks again. */
@Injectable()
export class PullWaits {
  private readonly byTenant = new Map<string, Set<() => void>>();
  private count = 0;

  /** Waits until something was stored for this tenant in this process, the time is over, or nobody listens any more. */
  async next(tenantId: string, ms: number, gone: AbortSignal): Promise<void> {
    const waits = this.byTenant.get(tenantId) ?? new Set();
    if (this.count >= waitingMax || waits.size >= waitingMaxOfTenant) {
      throw new Problem(503, 'unavailable', 'Too many requests wait for messages.', { retryAfter: 1 });
    }
    this.byTenant.set(tenantId, waits);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms);
      gone.addEventListener('abort', done);
      waits.add(done);
      waiting.set(++this.count);
      const leave = () => waiting.set(--this.count);
      function done() {
        if (!waits.delete(done)) return;
        clearTimeout(timer);
        gone.removeEventListener('abort', done);
        leave();
        resolve();
      }
      if (gone.aborted) done();
    });
    if (waits.size === 0 && this.byTenant.get(tenantId) === waits) this.byTenant.delete(tenantId);
  }

  /** How many requests of this tenant wait. */
  of(tenantId: string): number {
    return this.byTenant.get(tenantId)?.size ?? 0;
  }

  wake(tenantIds: readonly string[]): void {
    for (const tenantId of tenantIds) for (const done of [...(this.byTenant.get(tenantId) ?? [])]) done();
  }
}
