import pg from 'pg';
import type { Generated } from './webhooks-generator.ts';
import { tenantsOf } from './webhooks-ids.ts';
import type { Phase } from './webhooks-ids.ts';
import type { ArrivalLog } from './webhooks-receiver.ts';

export interface LedgerInput {
  adminUrl: string;
  phases: readonly { phase: Phase; generated: Generated }[];
  arrivals: ArrivalLog;
  /** Ids of the endpoints, by their number in the receiver's log. */
  endpointIds: readonly string[];
  /** The numbers of each tenant's endpoints. */
  endpointsOf: readonly (readonly number[])[];
  /** Requests that were under way or not written down yet when processes were killed; 0: nothing may come twice. */
  unsettledAtKills?: number;
}

/** What the run did, counted three times over; `faults` empty: it adds up. */
export interface WebhookLedger {
  faults: string[];
  counted: {
    events: number;
    /** An event for one endpoint. */
    deliveries: number;
    requests: number;
    attempts: number;
    /** Requests of which the log of attempts knows nothing: their sender died before it could write them down. */
    repeated: number;
    flagged: number;
  };
}

const ATTEMPTS = `
  SELECT message_id::text AS message, endpoint_id::text AS endpoint, count(*)::int AS attempts,
         count(*) FILTER (WHERE status IS NOT NULL)::int AS answered,
         count(*) FILTER (WHERE result = 'delivered')::int AS delivered, bool_or(possible_duplicate) AS flagged
    FROM webhooks.attempts WHERE outcome <> 'not_sent' GROUP BY message_id, endpoint_id`;
const PAGE = 50_000;

interface Row {
  message: string;
  endpoint: string;
  attempts: number;
  answered: number;
  delivered: number;
  flagged: boolean;
}

/**
 * Compares what was published, what the receiver's log holds and what Postgres holds, event by event and endpoint by
 * endpoint. A run whose three counts do not agree is void: its figures are of something that did not happen.
 */
export async function reconcile(input: LedgerInput): Promise<WebhookLedger> {
  const faults = new Faults();
  const expected = expectedDeliveries(input);
  const received = count(input.arrivals, expected, faults);
  for (const { generated, phase } of input.phases) {
    if (generated.stored !== phase.count || generated.published !== phase.count)
      faults.add('event that the broker did not store', phase.count - generated.stored);
  }
  const logged = await compareAttempts(input, { expected, received, faults });
  for (const [key, { ok }] of received) if (ok === 0) faults.add('event that never arrived with a 200', 1, key);
  faults.add('event that never arrived', [...expected].filter((key) => !received.has(key)).length);
  faults.add('delivery still open', logged.open);
  if (logged.repeated > (input.unsettledAtKills ?? 0)) faults.add('request repeated without a reason', logged.repeated);
  const events = input.phases.reduce((sum, { phase }) => sum + phase.count, 0);
  const { open: _open, ...counts } = logged;
  return {
    faults: faults.list(),
    counted: { events, deliveries: expected.size, requests: input.arrivals.length, ...counts },
  };
}

/** One number for an event and an endpoint: exact in a double. */
const keyOf = (n: number, endpoint: number) => n * 65_536 + endpoint;

function expectedDeliveries({ phases, endpointsOf }: LedgerInput): Set<number> {
  const expected = new Set<number>();
  for (const { phase } of phases) {
    const tenantOf = tenantsOf(phase);
    for (let n = phase.from; n < phase.from + phase.count; n += 1) {
      for (const endpoint of endpointsOf[tenantOf(n)]!) expected.add(keyOf(n, endpoint));
    }
  }
  return expected;
}

interface Received {
  times: number;
  ok: number;
}

function count(arrivals: ArrivalLog, expected: ReadonlySet<number>, faults: Faults): Map<number, Received> {
  const received = new Map<number, Received>();
  for (let at = 0; at < arrivals.length; at += 1) {
    const key = keyOf(arrivals.event[at]!, arrivals.endpoint[at]!);
    const known = received.get(key) ?? { times: 0, ok: 0 };
    known.times += 1;
    if (arrivals.status[at] === 200) known.ok += 1;
    received.set(key, known);
    if (!expected.has(key)) faults.add('request to an endpoint that does not want the event', 1, key);
  }
  return received;
}

interface Comparison {
  expected: ReadonlySet<number>;
  received: ReadonlyMap<number, Received>;
  faults: Faults;
}

async function compareAttempts({ adminUrl, endpointIds }: LedgerInput, { expected, received, faults }: Comparison) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const numbers = new Map(endpointIds.map((id, at) => [id, at]));
  const counts = { attempts: 0, repeated: 0, flagged: 0, open: 0 };
  let seen = 0;
  try {
    await client.query('BEGIN');
    await client.query(`DECLARE a NO SCROLL CURSOR FOR ${ATTEMPTS}`);
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${PAGE} FROM a`);
      for (const row of rows) {
        const key = keyOf(parseInt(row.message.slice(28), 16), numbers.get(row.endpoint) ?? -1);
        const times = received.get(key)?.times ?? 0;
        if (!expected.has(key)) faults.add('attempt for something that was not published', 1, key);
        seen += 1;
        counts.attempts += row.attempts;
        counts.flagged += Number(row.flagged);
        if (row.delivered !== 1) faults.add('delivery that was not delivered exactly once by the log', 1, key);
        if (row.answered > times) faults.add('answer in the log that the receiver never gave', 1, key);
        // An attempt without an answer may have been received or not.
        const unknown = Math.max(0, times - row.attempts);
        counts.repeated += unknown;
        if (unknown > 0 && !row.flagged) faults.add('repeated request that is not marked possibleDuplicate', 1, key);
      }
      if (rows.length < PAGE) break;
    }
    faults.add('delivery without an attempt', expected.size - seen);
    const open = await client.query<{ open: number }>('SELECT count(*)::int AS open FROM webhooks.deliveries');
    return { ...counts, open: open.rows[0]!.open };
  } finally {
    await client.end();
  }
}

/** Kinds of faults with their number and the first event that shows each. */
class Faults {
  private readonly kinds = new Map<string, { times: number; sample: number | undefined }>();

  add(what: string, times: number, sample?: number): void {
    if (times === 0) return;
    const known = this.kinds.get(what);
    this.kinds.set(what, { times: (known?.times ?? 0) + times, sample: known?.sample ?? sample });
  }

  list(): string[] {
    return [...this.kinds].map(([what, { times, sample }]) => {
      const first = sample === undefined ? '' : `, first event ${Math.floor(sample / 65_536)}`;
      return `${what}: ${times}${first}`;
    });
  }
}
