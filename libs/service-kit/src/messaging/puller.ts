import { createInbox } from '@nats-io/transport-node';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { StreamMessage } from './message.ts';

const NO_WAIT_TIMEOUT_MS = 2_000;
/** After the last message that the server said it had, redeliveries may still follow: so long we listen. */
const SETTLE_MS = 2;

/**
 * Pull requests by hand, because the order of events over a crash needs it: one batch in flight and nothing prefetched,
 * yet a batch that ends with the last message that is there instead of waiting for more.
 *
 * What arrives after a batch was closed is not lost: it heads the next one.
 */
export class Puller {
  private readonly inbox: string;
  private readonly subscription: Subscription;
  private readonly arrived: StreamMessage[] = [];
  private notify: (() => void) | undefined;
  private status: number | undefined;

  constructor(
    private readonly nats: NatsConnection,
    inboxPrefix: string,
    private readonly stream: string,
    private readonly durable: string,
  ) {
    this.inbox = createInbox(inboxPrefix);
    this.subscription = nats.subscribe(this.inbox, { callback: (error, message) => this.receive(error, message) });
  }

  /** Up to `max` messages in stream order; waits for the first one at most `waitMs`, then takes what is there. */
  async pull(max: number, waitMs: number): Promise<StreamMessage[]> {
    await this.request(max - this.arrived.length, { no_wait: true }, NO_WAIT_TIMEOUT_MS);
    if (this.arrived.length === 0) {
      await this.request(1, { expires: waitMs * 1_000_000 }, waitMs + 1_000);
      // A lone message goes on at once; what is redelivered besides it comes with the next pull.
      const isFirstOfMany = (this.arrived.at(-1)?.pending ?? 0) > 0;
      if (isFirstOfMany) await this.request(max - 1, { no_wait: true }, NO_WAIT_TIMEOUT_MS);
    }
    return this.arrived.splice(0, max);
  }

  /** Whether the last request was turned down: no stream, no consumer, no permission. Nothing there is no refusal. */
  get refused(): boolean {
    return this.status !== undefined && this.status !== 404 && this.status !== 408;
  }

  close(): void {
    this.subscription.unsubscribe();
    this.notify?.();
  }

  private async request(batch: number, options: Record<string, unknown>, timeoutMs: number): Promise<void> {
    if (batch <= 0) return;
    const target = this.arrived.length + batch;
    this.status = undefined;
    this.nats.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.stream}.${this.durable}`,
      JSON.stringify({ batch, ...options }),
      {
        reply: this.inbox,
      },
    );
    const deadline = Date.now() + timeoutMs;
    while (this.arrived.length < target && this.status === undefined && !this.subscription.isClosed()) {
      const last = this.arrived.at(-1);
      const left = last && last.pending === 0 ? SETTLE_MS : deadline - Date.now();
      if (left <= 0 || !(await this.next(left))) return;
    }
  }

  /** Whether something came within `ms`. */
  private next(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.notify = () => {
        clearTimeout(timer);
        this.notify = undefined;
        resolve(true);
      };
    });
  }

  private receive(error: Error | null, message: Msg): void {
    if (error) this.status = 500;
    // A message without a reply is the server's word on the request: 404 none there, 408 time is up, 409 consumer gone.
    else if (!message.reply) this.status = message.headers?.code ?? 404;
    else this.arrived.push(new StreamMessage(this.nats, message));
    this.notify?.();
  }
}
