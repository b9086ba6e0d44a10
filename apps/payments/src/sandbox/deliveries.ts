import { createHmac } from 'node:crypto';
import type { Books } from './books.ts';
import type { Undelivered } from './notifications.ts';

export interface Target {
  readonly url: string;
  /** `whsec_` and base64, as Standard Webhooks has it. */
  readonly secret: string;
}

const batch = 20;
const tickMs = 50;
const timeoutMs = 5_000;
const [firstRetryMs, lastRetryMs] = [250, 60_000] as const;

/** Tells what became true on real time, signed, until the listener has taken it: its place is in the store. */
export class Deliveries {
  private readonly books: Books;
  private readonly target: Target | null;
  private readonly onError: (error: unknown) => void;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();

  // Spelled out, so that Node runs these files as they are.
  constructor(books: Books, target: Target | null, onError: (error: unknown) => void) {
    this.books = books;
    this.target = target;
    this.onError = onError;
  }

  start(): void {
    this.timer = setTimeout(() => {
      this.working = this.tick()
        .catch(this.onError)
        .then(() => {
          if (this.timer) this.start();
        });
    }, tickMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.working;
  }

  private async tick(): Promise<void> {
    this.books.reachNow();
    if (this.target === null) return;
    const target = this.target;
    await Promise.all(
      this.books.notifications.undelivered(new Date(), batch).map((each) => this.deliver(each, target)),
    );
  }

  private async deliver({ id, body, tries }: Undelivered, { url, secret }: Target): Promise<void> {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const headers = {
      ...{ 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp },
      'webhook-signature': signature(`${id}.${timestamp}.${body}`, secret),
    };
    const isTaken = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) }).then(
      (response) => response.body?.cancel().then(() => response.ok) ?? response.ok,
      () => false,
    );
    const waitMs = Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(tries, 10));
    this.books.notifications.tryAgainAt(id, isTaken ? null : new Date(Date.now() + waitMs));
  }
}

export function signature(signed: string, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
