// Services that a test kills at a given moment, and the books of what became of the events.
import { existsSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { eventually } from '@quittance/testing/eventually';
import { spawnService } from '@quittance/testing/service';
import type { SpawnedService } from '@quittance/testing/service';
import type { ReceivedRequest } from '@quittance/testing/webhook-receiver';

/** The moments of F1 and F2, in the order in which an event passes them. */
export const killPoints = [
  'before the fan-out commits',
  'after the fan-out committed, before its ack',
  'after an ack',
  'before a send',
  'after a send',
  'before a settle commits',
  'after a settle committed',
] as const;
export type KillPoint = (typeof killPoints)[number];

const loader = new URL('../../../../tools/ts.mjs', import.meta.url).href;
const preload = new URL('./kill-points.itest.ts', import.meta.url).href;

export interface Killable {
  service: SpawnedService;
  /** It dies the next time it passes this point. */
  order(point: KillPoint): void;
  /** Takes the order back. @returns whether it was too late: the process is dead */
  countermand(): boolean;
  hasDied(): boolean;
  stop(): Promise<void>;
}

export async function spawnKillable(env: Record<string, string>): Promise<Killable> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-kill-'));
  const file = join(folder, 'orders');
  const service = await spawnService('webhooks', {
    ...env,
    KILL_ORDERS: file,
    NODE_OPTIONS: `--import ${loader} --import ${preload}`,
  });
  let ordered = false;
  const hasDied = () => ordered && !existsSync(file);
  return {
    service,
    order(point) {
      writeFileSync(file, point);
      ordered = true;
    },
    countermand() {
      const late = hasDied();
      if (!late) unlinkSync(file);
      ordered = false;
      return late;
    },
    hasDied,
    async stop() {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface BookInput {
  admin: pg.Pool;
  requests: readonly ReceivedRequest[];
  /** Every event, and how many endpoints it is for. */
  events: readonly { id: string }[];
  endpoints: number;
}

export interface Books {
  /** Events for an endpoint that no request with a good answer came for. */
  missing: number;
  /** Deliveries whose attempts are not numbered 1, 2, 3 … or that were not delivered exactly once by the log. */
  wrongLogs: number;
  /** Requests that the log knows nothing of: their sender died or was fenced before it could write them down. */
  repeated: number;
  /** Deliveries with such a request of which no attempt says `possibleDuplicate`. */
  unflagged: number;
}

interface Logged {
  message: string;
  path: string;
  numbers: number[];
  delivered: number;
  flagged: boolean;
}

const LOGGED = `
  SELECT a.message_id::text AS message, substring(e.url FROM 'https?://[^/]+(/.*)$') AS path,
         array_agg(a.n::int ORDER BY a.n) AS numbers, count(*) FILTER (WHERE a.result = 'delivered')::int AS delivered,
         bool_or(a.possible_duplicate) AS flagged
    FROM attempts a JOIN endpoints e ON e.tenant_id = a.tenant_id AND e.id = a.endpoint_id
   WHERE a.message_id = ANY($1) GROUP BY a.delivery_id, a.message_id, e.url`;

/** Compares what was published, what the receiver saw, and what the log says, delivery by delivery. */
export async function booksOf({ admin, requests, events, endpoints }: BookInput): Promise<Books> {
  const { rows } = await admin.query<Logged>(LOGGED, [events.map(({ id }) => id)]);
  const seen = Map.groupBy(requests, ({ headers, path }) => `${String(headers['webhook-id'])} ${path}`);
  const ids = new Set(events.map(({ id }) => id));
  const arrived = [...seen.keys()].filter((key) => ids.has(key.split(' ')[0] ?? ''));
  const books: Books = { missing: events.length * endpoints - arrived.length, wrongLogs: 0, repeated: 0, unflagged: 0 };
  for (const { message, path, numbers, delivered, flagged } of rows) {
    if (delivered !== 1 || numbers.some((n, at) => n !== at + 1)) books.wrongLogs += 1;
    const unknown = (seen.get(`${message} ${path}`)?.length ?? 0) - numbers.length;
    books.repeated += Math.max(0, unknown);
    if (unknown > 0 && !flagged) books.unflagged += 1;
  }
  return books;
}

/** Waits until every event has been sent to every endpoint and written down. */
export function untilAllDelivered({ admin, events, endpoints }: Omit<BookInput, 'requests'>) {
  const ids = events.map(({ id }) => id);
  return eventually(
    async () => {
      const { rows } = await admin.query<{ delivered: number; open: number }>(
        `SELECT (SELECT count(*) FROM attempts WHERE message_id = ANY($1) AND result = 'delivered')::int AS delivered,
                (SELECT count(*) FROM deliveries WHERE message_id = ANY($1))::int AS open`,
        [ids],
      );
      expect(rows).toEqual([{ delivered: events.length * endpoints, open: 0 }]);
      return true;
    },
    { timeoutMs: 60_000 },
  );
}
