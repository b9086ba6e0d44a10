import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A partner's endpoint: it notes the id of every event it is sent, and how often. */
export interface PartnerLog {
  url: string;
  received: Map<string, number>;
  close(): Promise<void>;
}

export async function startPartner(): Promise<PartnerLog> {
  const received = new Map<string, number>();
  const server = createServer((request, response) => {
    const id = String(request.headers['webhook-id']);
    request.resume().once('end', () => {
      received.set(id, (received.get(id) ?? 0) + 1);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/quittance`,
    received,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
