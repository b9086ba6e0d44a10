import { decode } from '@quittance/events/envelope';
import type { Envelope } from '@quittance/events/envelope';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

/** One delivery of one stored message: what it says, where it stands, and the three answers one can give. */
export class StreamMessage {
  readonly streamSeq: number;
  readonly deliveryCount: number;
  /** How many messages the server held behind this one when it sent it. */
  readonly pending: number;

  constructor(
    private readonly nats: NatsConnection,
    private readonly raw: Msg,
  ) {
    const tokens = (raw.reply ?? '').split('.');
    // $JS.ACK.<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time>.<pending>; newer servers put two more
    // in front.
    const at = tokens.length === 9 ? 4 : 6;
    this.deliveryCount = Number(tokens[at]);
    this.streamSeq = Number(tokens[at + 1]);
    this.pending = Number(tokens[at + 4]);
  }

  get subject(): string {
    return this.raw.subject;
  }

  get body(): Uint8Array {
    return this.raw.data;
  }

  get headers(): Msg['headers'] {
    return this.raw.headers;
  }

  /** @throws EnvelopeError naming the attribute that is missing or wrong */
  event(): Envelope {
    return decode({ subject: this.subject, headers: this.raw.headers, data: this.body });
  }

  ack(): void {
    this.answer('+ACK');
  }

  /** Still at it: restarts the server's ack timer. */
  working(): void {
    this.answer('+WPI');
  }

  /** Never again. Without a reason: servers before 2.10.4 do not know that form and would redeliver. */
  term(): void {
    this.answer('+TERM');
  }

  private answer(word: string): void {
    if (this.raw.reply && !this.nats.isClosed()) this.nats.publish(this.raw.reply, word);
  }
}
