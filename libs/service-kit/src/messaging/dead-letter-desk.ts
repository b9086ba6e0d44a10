import { EnvelopeError, decode, encode, sequenceOf } from '@quittance/events/envelope';
import type { Envelope, QuittanceEvent } from '@quittance/events/envelope';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Database } from '../database/database.ts';
import { inboxId } from './inbox.ts';

const STREAM = 'DLQ';
const TIMEOUT_MS = 2_000;

export interface DeadLetter {
  /** Its place in the DLQ stream: how replay and discard name it. */
  seq: number;
  service: string;
  stream: string;
  subject: string;
  reason: string;
  time: string;
  headers: ReadonlyMap<string, string>;
  body: Uint8Array;
}

const REPLAY = `
  WITH entered AS (
    INSERT INTO inbox (stream, tenant_id, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id
  )
  INSERT INTO inbox_parked (stream, tenant_id, aggregate, sequence, id, subject, traceparent, body)
  SELECT $1, $2, $4, $5, $3, $6, $7, $8 FROM entered`;
const DISCARD = `
  WITH entered AS (
    INSERT INTO inbox (stream, tenant_id, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
  )
  INSERT INTO inbox_positions AS p (stream, tenant_id, aggregate, sequence)
  SELECT $1, $2, $4, $5 WHERE $5 > 0
  ON CONFLICT (tenant_id, stream, aggregate) DO UPDATE SET sequence = greatest(p.sequence, excluded.sequence)`;

/**
 * An operator's desk for dead letters: list, replay, discard. It needs the right to read and delete in the DLQ stream,
 * and the worker role of the service that gave the event up.
 *
 * Replay puts the event into that service's park, where its reader finds it as the next one of its aggregate; discard
 * counts it as done, so that the aggregate's later events no longer wait for it. Only then the letter is deleted.
 */
export class DeadLetterDesk {
  constructor(
    private readonly nats: NatsConnection,
    private readonly databaseOf: (service: string) => Database | Promise<Database>,
  ) {}

  async list(): Promise<DeadLetter[]> {
    const info = await this.api<{ state: { first_seq: number; last_seq: number } }>(`STREAM.INFO.${STREAM}`);
    const letters: DeadLetter[] = [];
    for (let seq = info.state.first_seq; seq <= info.state.last_seq; seq++) {
      const letter = await this.get(seq);
      if (letter) letters.push(letter);
    }
    return letters;
  }

  /** @returns false when the event had had its effect already */
  async replay(seq: number): Promise<boolean> {
    const letter = await this.require(seq);
    const event = eventOf(letter);
    const db = await this.databaseOf(letter.service);
    const parked = await db.tx((tx) =>
      tx.execute(REPLAY, [
        ...rowOf(letter, event),
        event.type,
        event.traceparent ?? null,
        Buffer.from(encode(event as QuittanceEvent)),
      ]),
    );
    await this.delete(seq);
    return parked === 1;
  }

  async discard(seq: number): Promise<void> {
    const letter = await this.require(seq);
    const event = readable(letter);
    if (event) {
      const db = await this.databaseOf(letter.service);
      await db.tx((tx) => tx.execute(DISCARD, rowOf(letter, event)));
    }
    await this.delete(seq);
  }

  private async require(seq: number): Promise<DeadLetter> {
    const letter = await this.get(seq);
    if (!letter) throw new Error(`there is no dead letter ${seq}`);
    return letter;
  }

  private async get(seq: number): Promise<DeadLetter | undefined> {
    const { message } = await this.api<{ message?: StoredMessage }>(`STREAM.MSG.GET.${STREAM}`, { seq }).catch(() => ({
      message: undefined,
    }));
    return message && letterOf(seq, message);
  }

  private async delete(seq: number): Promise<void> {
    await this.api(`STREAM.MSG.DELETE.${STREAM}`, { seq, no_erase: true });
  }

  private async api<T>(call: string, body?: object): Promise<T> {
    const answer = await this.nats.request(`$JS.API.${call}`, body && JSON.stringify(body), { timeout: TIMEOUT_MS });
    const parsed = answer.json<T & { error?: { description: string } }>();
    if (parsed.error) throw new Error(parsed.error.description);
    return parsed;
  }
}

interface StoredMessage {
  data?: string;
  hdrs?: string;
  time: string;
}

function letterOf(seq: number, { data, hdrs, time }: StoredMessage): DeadLetter {
  const headers = new Map<string, string>();
  for (const line of Buffer.from(hdrs ?? '', 'base64')
    .toString()
    .split('\r\n')
    .slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return {
    seq,
    service: headers.get('x-dlq-service') ?? '',
    stream: headers.get('x-dlq-stream') ?? '',
    subject: headers.get('x-dlq-subject') ?? '',
    reason: decodeURIComponent(headers.get('x-dlq-reason') ?? ''),
    time,
    headers,
    body: Buffer.from(data ?? '', 'base64'),
  };
}

const eventOf = ({ subject, headers, body }: DeadLetter): Envelope => decode({ subject, headers, data: body });

/** A letter may be there because it is no event at all: then there is nothing to count as done. */
function readable(letter: DeadLetter): Envelope | undefined {
  try {
    return eventOf(letter);
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}

function rowOf({ stream }: DeadLetter, event: Envelope): unknown[] {
  return [stream, event.tenantid, inboxId(event), event.subject, sequenceOf(event) ?? 0];
}
