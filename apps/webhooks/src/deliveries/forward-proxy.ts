import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Connection } from './connection.ts';

/** A proxy of the operator's through which every request goes, so that receivers see one address. */
export interface ForwardProxy {
  readonly host: string;
  readonly port: number;
  readonly authorization: string | null;
}

/** Reads `http://user:password@host:port`. */
export function parseProxy(text: string): ForwardProxy {
  const { hostname, port, username, password } = new URL(text);
  const pair = [username, password].map((part) => decodeURIComponent(part)).join(':');
  const authorization = username === '' ? null : `Basic ${Buffer.from(pair).toString('base64')}`;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), authorization };
}

class ProxyFailed extends Error {
  readonly code = 'proxy_failed';
}

/** A way through the proxy to an address (HTTP CONNECT). The proxy itself is the operator's and is not guarded. */
export function tunnel(
  { host, port, authorization }: ForwardProxy,
  to: { address: string; port: number },
  connection: Connection,
): Promise<Socket> {
  const path = `${to.address.includes(':') ? `[${to.address}]` : to.address}:${to.port}`;
  const headers = { host: path, ...(authorization === null ? {} : { 'proxy-authorization': authorization }) };
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, method: 'CONNECT', path, headers, agent: false });
    connection.holds(asked);
    asked.once('error', (cause) => reject(new ProxyFailed('no tunnel', { cause })));
    asked.once('response', (response) => {
      response.destroy();
      reject(new ProxyFailed(`the proxy answered ${response.statusCode}`));
    });
    asked.once('connect', ({ statusCode }, socket: Socket, head) => {
      socket.on('error', () => undefined);
      if (statusCode !== 200) {
        socket.destroy();
        return reject(new ProxyFailed(`the proxy answered ${statusCode}`));
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    asked.end();
  });
}
