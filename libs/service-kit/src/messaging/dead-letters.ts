import { headers } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { StreamMessage } from './message.ts';

const REASON_MAX = 1_024;
const ACK_TIMEOUT_MS = 2_000;

/** Who gave the message up, and why. */
export interface Verdict {
  service: string;
  stream: string;
  reason: string;
}

/**
 * Stores the message as it came, with its reason, in the DLQ stream; only then may the original be settled.
 * A second try with the same message is dropped by its id.
 * @throws Error when the broker did not store it
 */
export async function storeDeadLetter(
  nats: NatsConnection,
  message: StreamMessage,
  { service, stream, reason }: Verdict,
): Promise<void> {
  const result = headers();
  for (const [key, values] of message.headers ?? []) {
    if (!key.toLowerCase().startsWith('nats-')) for (const value of values) result.append(key, value);
  }
  result.set('Nats-Msg-Id', `${service}:${stream}:${message.streamSeq}`);
  result.set('x-dlq-service', service);
  result.set('x-dlq-stream', stream);
  result.set('x-dlq-subject', message.subject);
  result.set('x-dlq-seq', String(message.streamSeq));
  result.set('x-dlq-reason', encodeURIComponent(reason).slice(0, REASON_MAX));
  const ack = await nats.request(`dlq.${service}`, message.body, { headers: result, timeout: ACK_TIMEOUT_MS });
  const { error } = ack.json<{ error?: { description: string } }>();
  if (error) throw new Error(`the broker refused a dead letter: ${error.description}`);
}
