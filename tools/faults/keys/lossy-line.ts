import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';

export interface LossyLine {
  url: string;
  /** Answers that were lost after the provider had charged. */
  lost(): number;
  close(): Promise<void>;
}

/**
 * The line between payments and its provider. It loses the first answer to some charges, chosen by their key, after the
 * provider has charged: the caller cannot know. Everything else passes.
 */
export async function startLossyLine(providerUrl: string, { lose, among }: { lose: number; among: number }) {
  const asked = new Set<string>();
  let lost = 0;
  // Twice the share, so that the number is reached; after that the line is good.
  const isChosen = (key: string) => fractionOf(key) < (2 * lose) / among;
  const server = createServer((request, response) => {
    void (async () => {
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk as Buffer);
      const { method = 'GET', url = '/' } = request;
      const sent = Buffer.concat(body);
      const init = { method, headers: { 'content-type': 'application/json' }, ...(sent.length > 0 && { body: sent }) };
      const answer = await fetch(`${providerUrl}${url}`, init);
      const text = await answer.text();
      if (method === 'POST' && url === '/charges' && answer.ok) {
        const { key } = JSON.parse(sent.toString()) as { key: string };
        const isFirst = !asked.has(key);
        asked.add(key);
        if (isFirst && lost < lose && isChosen(key)) {
          lost += 1;
          return void request.socket.destroy();
        }
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    })().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lost: () => lost,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  } satisfies LossyLine;
}

function fractionOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
}
