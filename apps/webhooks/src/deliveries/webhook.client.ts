import type { OnApplicationShutdown } from '@nestjs/common';
import type { Reply } from '../domain/delivery.ts';
import type { TargetGuard } from '../endpoints/target-guard.ts';
import { noTimings } from './connection.ts';
import type { AttemptTimings } from './connection.ts';
import { ConnectionPools } from './connection-pools.ts';
import { Exchange } from './exchange.ts';
import type { ForwardProxy } from './forward-proxy.ts';
import { GuardedConnector } from './guarded-connector.ts';
import type { TlsIdentity } from './guarded-connector.ts';
import { nameResolver } from './resolve-name.ts';
import type { ResolveName } from './resolve-name.ts';

export interface WebhookRequest {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  /** POST where nobody says. */
  readonly method?: 'POST' | 'OPTIONS';
  /** One deadline, from the name look-up to the last byte; the client's own where nobody says. */
  readonly timeoutMs?: number;
  readonly tls?: TlsIdentity | null;
}

export interface WebhookReply extends Reply {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
  readonly truncated: boolean;
  readonly timings: AttemptTimings;
  /** The attempt's id, where it was written down before the request. */
  readonly startId?: string;
}

export interface ClientSettings {
  readonly timeoutMs: number;
  readonly resolve?: ResolveName;
  readonly proxy?: ForwardProxy | null;
}

/**
 * Speaks to receivers we do not trust: no redirects, no cookies, no decompression, no proxy from the environment, TLS
 * always verified, one deadline over everything, and a bounded part of the answer read. Where it may speak to is
 * {@link GuardedConnector}'s to say.
 *
 * Never throws for what a receiver does: whatever happens is a reply.
 */
export class WebhookClient implements OnApplicationShutdown {
  private readonly pools: ConnectionPools;
  readonly timeoutMs: number;

  constructor(
    private readonly guard: TargetGuard,
    { timeoutMs, resolve = nameResolver(), proxy = null }: ClientSettings,
  ) {
    this.timeoutMs = timeoutMs;
    this.pools = new ConnectionPools(new GuardedConnector(guard, resolve, proxy));
  }

  send({ url, headers, body, method = 'POST', timeoutMs, tls = null }: WebhookRequest): Promise<WebhookReply> {
    if (this.guard.refusal(url) !== null) return Promise.resolve(unanswered('target_not_allowed'));
    return new Promise((resolve) => {
      const exchange = new Exchange(resolve, timeoutMs ?? this.timeoutMs);
      const request = { origin: url.origin, path: url.pathname + url.search, method, headers, body };
      try {
        this.pools.of(url, tls).dispatch(request, exchange);
      } catch (error) {
        exchange.onResponseError(undefined, error as Error);
      }
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pools.destroy();
  }
}

/** A reply to a request that was never sent. */
export function unanswered(error: string): WebhookReply {
  const nothing = { status: null, retryAfter: null, instruction: null, headers: {}, body: null };
  return { ...nothing, error, startedAt: new Date(), durationMs: 0, truncated: false, timings: noTimings };
}
