import { Logger } from '@nestjs/common';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';

export interface NatsLinkOptions {
  service: string;
  /** nats://user:password@host:port[,…]; the password never reaches a log. */
  url: string;
}

/**
 * The service's one NATS connection. It connects in the background and for ever: a service starts, serves HTTP and
 * fills its outbox while the broker is away.
 */
export class NatsLink {
  private readonly log = new Logger(NatsLink.name);
  private connecting: Promise<NatsConnection> | undefined;
  private current: NatsConnection | undefined;
  private closed = false;

  constructor(private readonly options: NatsLinkOptions) {}

  get inboxPrefix(): string {
    return `_INBOX_${this.options.service}`;
  }

  /** The connection, once there is one. */
  connection(): Promise<NatsConnection> {
    return (this.connecting ??= this.dial());
  }

  /** Whether the broker answers now: for readiness. */
  async ping(): Promise<void> {
    if (!this.current) throw new Error('not connected yet');
    await this.current.rtt();
  }

  async drain(): Promise<void> {
    this.closed = true;
    // A connection that is itself trying to reconnect cannot drain: close it.
    await Promise.race([this.current?.drain(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]).catch(
      () => undefined,
    );
    await this.current?.close().catch(() => undefined);
  }

  private async dial(): Promise<NatsConnection> {
    const { servers, user, pass } = parse(this.options.url);
    const connection = await connect({
      servers,
      ...(user ? { user, pass } : {}),
      name: this.options.service,
      inboxPrefix: this.inboxPrefix,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      waitOnFirstConnect: true,
      pingInterval: 5_000,
      maxPingOut: 2,
    });
    this.current = connection;
    void this.report(connection);
    return connection;
  }

  private async report(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect' || status.type === 'reconnect') this.log.warn(`NATS: ${status.type}`);
      if (status.type === 'error') this.log.error(`NATS: ${status.error.message}`);
    }
    if (!this.closed) this.log.error('NATS: connection closed for good');
  }
}

function parse(url: string): { servers: string[]; user?: string; pass?: string } {
  const urls = url.split(',').map((each) => new URL(each.trim()));
  const [first] = urls;
  const servers = urls.map(({ host }) => host);
  if (!first?.username) return { servers };
  return { servers, user: decodeURIComponent(first.username), pass: decodeURIComponent(first.password) };
}
