import { randomUUID } from 'node:crypto';
import { delay } from '../../processes.mjs';
import type { Random } from '../random.ts';

/** One thing that a client wants, once: a charge under one key, however often it is sent. */
export interface Order {
  readonly key: string;
  readonly body: string;
}

/** What a sender was told in the end: the bytes of it. */
export interface Told {
  readonly status: number;
  readonly body: string;
  readonly replayed: boolean;
}

export interface SenderOptions {
  readonly urls: readonly string[];
  readonly token: string;
  readonly random: Random;
  /** A careless client makes a new key whenever it sends again; it is here to show that this is noticed. */
  readonly isCareless?: boolean;
}

const TIMEOUT_MS = 4_000;
const PATIENCE_MS = 90_000;
const RETRY_MS = [20, 250] as const;

/** Sends until it is answered, each time to one of the servers. */
export class Sender {
  tries = 0;
  /** How often each status came; 0 is a broken line. */
  readonly statuses: Record<string, number> = {};

  constructor(private readonly options: SenderOptions) {}

  async untilAnswered({ key, body }: Order): Promise<Told> {
    const { random, isCareless = false } = this.options;
    const startedAt = performance.now();
    for (;;) {
      const told = await this.send({ key: isCareless ? randomUUID() : key, body });
      if (told) return told;
      if (performance.now() - startedAt > PATIENCE_MS) throw new Error(`no answer in ${PATIENCE_MS} ms: ${body}`);
      await delay(random.between(...RETRY_MS));
    }
  }

  /** Undefined when nobody knows what became of it, or it is to be asked again. */
  private async send({ key, body }: Order): Promise<Told | undefined> {
    const { urls, token, random } = this.options;
    this.tries += 1;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'Idempotency-Key': key };
    const init = { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) };
    try {
      const response = await fetch(`${random.pick(urls)}/payments`, init);
      const told = { status: response.status, body: await response.text() };
      this.count(told.status);
      if (told.status === 409 || told.status === 429 || told.status >= 500) return undefined;
      return { ...told, replayed: response.headers.get('idempotent-replayed') === 'true' };
    } catch {
      this.count(0);
      return undefined;
    }
  }

  private count(status: number): void {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }
}
