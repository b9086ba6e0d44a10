import { createInbox, headers } from '@nats-io/transport-node';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

export interface Publication {
  /** Event id: becomes `Nats-Msg-Id`, by which the broker drops a repetition within its duplicate window. */
  id: string;
  subject: string;
  contentType: string;
  traceparent: string | null;
  body: Uint8Array;
}

export interface StoredAck {
  seq: number;
  duplicate: boolean;
}

interface Waiting {
  resolve: (ack: StoredAck) => void;
  reject: (error: Error) => void;
}

/**
 * Publishes many messages at once and counts their acks on one inbox of its own.
 * The client's `js.publish()` makes a request of each message (timer, promise, mux): four times slower, measured.
 */
export class AckPublisher {
  private readonly inbox: string;
  private readonly waiting = new Map<string, Waiting>();
  private counter = 0;

  constructor(
    private readonly nats: NatsConnection,
    inboxPrefix: string,
  ) {
    this.inbox = createInbox(inboxPrefix);
    nats.subscribe(`${this.inbox}.*`, { callback: (error, message) => this.answered(error, message) });
  }

  /**
   * Resolves when the broker has stored every message; in the order given.
   * @throws Error when one was refused, or not all were acknowledged in time: some may be stored, publish all again
   */
  async publishAll(publications: readonly Publication[], timeoutMs: number): Promise<StoredAck[]> {
    const tokens: string[] = [];
    const acks = publications.map(
      (publication) =>
        new Promise<StoredAck>((resolve, reject) => {
          const token = (this.counter++).toString(36);
          tokens.push(token);
          this.waiting.set(token, { resolve, reject });
          this.nats.publish(publication.subject, publication.body, {
            reply: `${this.inbox}.${token}`,
            headers: headersOf(publication),
          });
        }),
    );
    const timer = setTimeout(() => {
      for (const token of tokens) this.waiting.get(token)?.reject(new Error('the broker did not answer in time'));
    }, timeoutMs);
    try {
      return await Promise.all(acks);
    } finally {
      clearTimeout(timer);
      for (const token of tokens) this.waiting.delete(token);
      // The first rejection ends the wait; the others are no news.
      void Promise.allSettled(acks);
    }
  }

  private answered(error: Error | null, message: Msg): void {
    const token = message.subject.slice(this.inbox.length + 1);
    const waiting = this.waiting.get(token);
    if (!waiting) return;
    this.waiting.delete(token);
    if (error) return waiting.reject(error);
    if (message.headers?.code === 503) return waiting.reject(new Error('no stream takes this subject (503)'));
    const ack = JSON.parse(message.string()) as { seq: number; duplicate?: boolean; error?: { description: string } };
    if (ack.error) return waiting.reject(new Error(`the broker refused: ${ack.error.description}`));
    waiting.resolve({ seq: ack.seq, duplicate: ack.duplicate ?? false });
  }
}

function headersOf({ id, contentType, traceparent }: Publication) {
  const result = headers();
  result.set('Nats-Msg-Id', id);
  result.set('content-type', contentType);
  if (traceparent) result.set('traceparent', traceparent);
  return result;
}
