import { connect, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { bareHost } from '../endpoints/target-guard.ts';
import type { TargetGuard } from '../endpoints/target-guard.ts';
import type { Connection } from './connection.ts';
import { tunnel } from './forward-proxy.ts';
import type { ForwardProxy } from './forward-proxy.ts';
import type { ResolveName } from './resolve-name.ts';

/** What we show of ourselves in the handshake, and whom we believe. */
export interface TlsIdentity {
  /** Tells one from another: connections are never shared between identities. */
  readonly key: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Instead of the roots that the system trusts. */
  readonly ca: string | null;
}

export interface Origin {
  readonly hostname: string;
  readonly port: number;
  readonly isSecure: boolean;
}

/** Where a connection leads is not allowed. It keeps the address to itself: that tells of our network. */
export class TargetRefused extends Error {
  readonly code = 'target_not_allowed';
}

class NameNotResolved extends Error {
  readonly code = 'name_not_resolved';
}

/**
 * Makes connections that lead where they may and nowhere else. Every address that a name resolves to is checked, and
 * one that is refused refuses them all: otherwise it would be a coin toss into our network. Only the checked addresses
 * are used, so a name that changes its mind gains nothing; literals, which are never looked up, are checked apart; and
 * the peer once more before a byte is said to it. Through a forward proxy it is the address that is asked for, not the
 * name: the proxy resolves nothing.
 */
export class GuardedConnector {
  constructor(
    private readonly guard: TargetGuard,
    private readonly resolve: ResolveName,
    private readonly proxy: ForwardProxy | null = null,
  ) {}

  async open(origin: Origin, tls: TlsContext, connection: Connection): Promise<Socket> {
    connection.begin();
    const host = bareHost(origin.hostname);
    const addresses = isIP(host) === 0 ? await connection.timed('dnsMs', () => this.lookUp(host)) : [host];
    if (!addresses.every((address) => this.guard.permits(address))) throw new TargetRefused();
    const socket = await connection.timed('connectMs', () => this.reach(origin, addresses, connection));
    const secured = origin.isSecure
      ? await connection.timed('tlsMs', () => tls.secure(socket, host, connection))
      : socket;
    connection.opened(this.proxy === null ? socket.remoteAddress : addresses[0]);
    return secured;
  }

  private async lookUp(name: string): Promise<readonly string[]> {
    try {
      return await this.resolve(name);
    } catch (cause) {
      throw new NameNotResolved('no address', { cause });
    }
  }

  private async reach({ port }: Origin, addresses: readonly string[], connection: Connection): Promise<Socket> {
    if (this.proxy !== null) return tunnel(this.proxy, { address: addresses[0] ?? '', port }, connection);
    const socket = dial(addresses, port);
    connection.holds(socket);
    await established(socket, 'connect');
    if (socket.remoteAddress !== undefined && this.guard.permits(socket.remoteAddress)) return socket;
    socket.destroy();
    throw new TargetRefused();
  }
}

/** How a pool of connections shakes hands: one context and one resumable session for all of them. */
export class TlsContext {
  private context: SecureContext | undefined;
  private session: Buffer | undefined;

  constructor(private readonly identity: TlsIdentity | null) {}

  async secure(socket: Socket, host: string, connection: Connection): Promise<Socket> {
    this.context ??= contextOf(this.identity);
    const secured = connectTls({
      ...{ socket, host, servername: isIP(host) === 0 ? host : '', secureContext: this.context },
      // Said explicitly, because a variable of the environment can turn the default around.
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      session: this.session,
    });
    connection.holds(secured);
    await established(secured, 'secureConnect');
    // Only now: the name is not checked again when a session is resumed, so none may be kept whose check failed.
    secured.on('session', (session) => (this.session = session));
    return secured;
  }
}

function contextOf(identity: TlsIdentity | null): SecureContext {
  if (identity === null) return createSecureContext({ minVersion: 'TLSv1.2' });
  const { certificate: cert, privateKey: key, ca } = identity;
  return createSecureContext({ minVersion: 'TLSv1.2', cert, key, ...(ca === null ? {} : { ca }) });
}

/** All of them in turn, as Node does it for a name ("happy eyeballs"), but with our addresses and no look-up. */
function dial(addresses: readonly string[], port: number): Socket {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  const lookup: LookupFunction = (_name, _options, callback) => callback(null, all);
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  return connect({ ...options, host: 'checked.invalid', port, lookup, autoSelectFamily: true });
}

/** Rejects also when the socket is destroyed without an error, as one is that was given up. */
export function established(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    const closed = () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('close', closed);
    // Stays: between two owners of a socket an error must have somebody who hears it.
    socket.on('error', reject);
    socket.once(event, () => {
      socket.off('close', closed);
      resolve();
    });
  });
}
