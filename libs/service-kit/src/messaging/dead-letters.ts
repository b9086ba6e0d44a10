import { headers } from '@nats-io/transport-node';
import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';

const REASON_MAX = 1_024;
const ACK_TIMEOUT_MS = 2_000;

/** What was given up: as it came, or as it was parked. */
export interface Letter {
  subject: string;
  body: Uint8Array;
  headers?: MsgHdrs | undefined;
  /** Names it within its stream: a second try to store it is dropped by the broker. */
  place: string;
}

/** Who gave it up, and why. */
export interface Verdict {
  service: string;
  stream: string;
  reason: string;
}

/**
 * Stores the letter with its reason in the DLQ stream; only then may the original be settled.
 * @throws Error when the broker did not store it
 */
export async function storeDeadLetter(nats: NatsConnection, letter: Letter, verdict: Verdict): Promise<void> {
  const { service, stream, reason } = verdict;
  const result = headers();
  for (const [key, values] of letter.headers ?? []) {
    if (!key.toLowerCase().startsWith('nats-')) for (const value of values) result.append(key, value);
  }
  result.set('Nats-Msg-Id', `${service}:${stream}:${letter.place}`);
  result.set('x-dlq-service', service);
  result.set('x-dlq-stream', stream);
  result.set('x-dlq-subject', letter.subject);
  result.set('x-dlq-place', letter.place);
  result.set('x-dlq-reason', encodeURIComponent(reason).slice(0, REASON_MAX));
  const ack = await nats.request(`dlq.${service}`, letter.body, { headers: result, timeout: ACK_TIMEOUT_MS });
  const { error } = ack.json<{ error?: { description: string } }>();
  if (error) throw new Error(`the broker refused a dead letter: ${error.description}`);
}
