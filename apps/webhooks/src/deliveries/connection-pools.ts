import { Client, Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { Connection } from './connection.ts';
import { Exchange } from './exchange.ts';
import { TlsContext } from './guarded-connector.ts';
import type { GuardedConnector, TlsIdentity } from './guarded-connector.ts';

const poolsMax = 2_000;
const keepAliveMs = 30_000;
const headersBytesMax = 16 * 1024;

/** Also against a receiver that asks for longer. Times of ours are off: one deadline per request covers them all. */
const options: Pool.Options = {
  ...{ pipelining: 1, allowH2: false, maxHeaderSize: headersBytesMax },
  ...{ keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs, headersTimeout: 0, bodyTimeout: 0 },
};

/** A client with its one connection at hand: to be measured and to be given up. */
class MeasuredClient extends Client {
  private readonly connection: Connection;

  constructor(url: URL, open: (connection: Connection) => ReturnType<GuardedConnector['open']>) {
    const connection = new Connection();
    const connect: NonNullable<Client.Options['connect']> = (_options, callback) => {
      open(connection).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    };
    super(url, { ...options, connect });
    this.connection = connection;
  }

  override dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) handler.connection = this.connection;
    return super.dispatch(request, handler);
  }
}

/**
 * Connections that are kept alive, by origin and TLS identity; the pools used longest ago go first when there are too
 * many, and one whose last connection has closed at once.
 */
export class ConnectionPools {
  private readonly pools = new Map<string, Pool>();

  constructor(private readonly connector: GuardedConnector) {}

  of(url: URL, identity: TlsIdentity | null): Pool {
    const key = identity === null ? url.origin : `${url.origin} ${identity.key}`;
    const pool = this.pools.get(key) ?? this.create(key, url, identity);
    this.pools.delete(key);
    this.pools.set(key, pool);
    return pool;
  }

  async destroy(): Promise<void> {
    const pools = [...this.pools.values()];
    this.pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  private create(key: string, { origin, hostname, port, protocol }: URL, identity: TlsIdentity | null): Pool {
    const [oldest] = this.pools;
    if (oldest !== undefined && this.pools.size >= poolsMax) this.drop(...oldest);
    const isSecure = protocol === 'https:';
    const to = { hostname, port: Number(port || (isSecure ? 443 : 80)), isSecure };
    const tls = new TlsContext(identity);
    const open = (connection: Connection) => this.connector.open(to, tls, connection);
    const pool = new Pool(origin, { ...options, factory: (url) => new MeasuredClient(url, open) });
    const dropIdle = () => {
      const { connected, size } = pool.stats;
      if (connected === 0 && size === 0) this.drop(key, pool);
    };
    pool.on('disconnect', dropIdle).on('connectionError', dropIdle);
    return pool;
  }

  /** Requests under way are still answered. */
  private drop(key: string, pool: Pool): void {
    if (this.pools.get(key) === pool) this.pools.delete(key);
    if (!pool.closed && !pool.destroyed) void pool.close();
  }
}
