import { Clock } from '@quittance/service-kit/clock';
import type { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import pg from 'pg';
import { ExceptionRepository } from '../../apps/reconciliation/src/exceptions/exception.repository.ts';
import { MatchListRepository } from '../../apps/reconciliation/src/matching/match-list.repository.ts';
import { MatchingService } from '../../apps/reconciliation/src/matching/matching.service.ts';
import { ReconRunRepository } from '../../apps/reconciliation/src/matching/recon-run.repository.ts';
import { RuleRepository } from '../../apps/reconciliation/src/matching/rule.repository.ts';
import { RunRepository } from '../../apps/reconciliation/src/matching/run.repository.ts';
import { migrations } from '../../apps/reconciliation/src/migrations/all.ts';
import type { BenchContext } from './context.ts';
import { round } from './measure.ts';
import type { Outcome } from './measure.ts';

/** Of each side; fewer for a look. */
const SIZE = Number(process.env['BENCH_MATCHING'] ?? 1_000_000);
const NEWS = SIZE / 100;
const SET = 'settlement_batch_deposit';

/**
 * Of each side of a million: 700,000 with a reference, 120,000 with amount and day only, 20,000 that are all alike,
 * 100,000 in a thousand batches, 30,000 a few cents short, 30,000 that have no other side. What belongs together has
 * one number; a batch has its own.
 */
const FILL = `
  INSERT INTO items (tenant_id, set_name, side, source_type, source_id, account, currency, amount_minor, dated_on,
                     reference, batch_reference)
  SELECT $1, '${SET}', side, 'bench', source, '*', 'USD', amount, day, reference, batch FROM (
    SELECT 'A' AS side, 'a' || n AS source, amount, day, reference, batch, n FROM facts
    UNION ALL
    SELECT 'B', 'b' || n, amount - CASE WHEN kind = 'short' THEN 1 + n % 4 ELSE 0 END, day + (1 + n % 3)::int,
           reference, NULL, n
      FROM facts WHERE kind NOT IN ('batch', 'alone')
    UNION ALL
    SELECT 'B', 'b' || batch, sum(amount)::bigint, max(day) + 2, batch, NULL, min(n) FROM facts WHERE kind = 'batch'
     GROUP BY batch
    UNION ALL
    SELECT 'B', 'lone' || n, 100 + (n * 7919) % 5000000, day, NULL, NULL, n FROM facts WHERE n % 8 = 0) sides
   ORDER BY n`;
const FACTS = `
  CREATE TEMP TABLE facts AS
  SELECT n, kind, CASE WHEN kind = 'alike' THEN 50000 + (n % 50) * 100
                       ELSE 100 + (hashint8(n)::bigint & 2147483647) % 5000000 END AS amount,
         date '2026-07-01' + (n % 90)::int AS day,
         CASE WHEN kind = 'reference' THEN 'PAY' || lpad(n::text, 12, '0') END AS reference,
         CASE WHEN kind = 'batch' THEN 'PO' || n / 100 END AS batch
    FROM (SELECT n, CASE WHEN n % 100 < 70 THEN 'reference' WHEN n % 100 < 82 THEN 'day' WHEN n % 100 < 84 THEN 'alike'
                         WHEN n % 100 < 94 THEN 'batch' WHEN n % 100 < 97 THEN 'short' ELSE 'alone' END AS kind
            FROM generate_series(1, $1::bigint) n) k`;
/** The bare join of what has a reference, counted. */
const FLOOR = `
  SELECT count(*) FROM items a JOIN items b ON b.reference = a.reference AND b.amount_minor = a.amount_minor
   WHERE a.tenant_id = $1 AND a.side = 'A' AND b.tenant_id = $1 AND b.side = 'B'`;
/** Of what was confirmed: how many there are, and how many put two together that do not belong together. */
const JUDGED = `
  SELECT count(*)::int AS confirmed, count(*) FILTER (WHERE CASE WHEN rule = 'group_sum'
           THEN b.reference <> a.batch_reference
           ELSE substr(a.source_id, 2) <> substr(b.source_id, 2) END)::int AS wrong
    FROM matches m JOIN items b ON b.tenant_id = $1 AND b.id = m.b_items[1]
    JOIN items a ON a.tenant_id = $1 AND a.id = m.a_items[1] WHERE m.tenant_id = $1`;
const RIGHT_HINTS = `
  SELECT count(*)::int AS suggested, count(DISTINCT b.source_id) FILTER (
           WHERE substr(a.source_id, 2) = substr(b.source_id, 2))::int AS "right"
    FROM suggestions s JOIN items b ON b.tenant_id = $1 AND b.id = s.b_items[1]
    JOIN items a ON a.tenant_id = $1 AND a.id = s.a_items[1] WHERE s.tenant_id = $1`;

/** (n) A full run over a million lines of each side, then one over 10,000 news against a million that are open. */
export async function benchMatching(context: BenchContext): Promise<Outcome[]> {
  const { workerUrl } = await context.prepare('reconciliation', migrations);
  const db = await context.open(workerUrl, 2, 'worker');
  const admin = new pg.Client({ connectionString: context.adminUrl });
  await admin.connect();
  await admin.query('SET search_path = reconciliation');
  try {
    return [await fullRun(db, admin), await newsRun(db, admin)];
  } finally {
    await admin.end();
  }
}

function matching(): MatchingService {
  const exceptions = new ExceptionRepository(new Outbox('reconciliation', () => undefined));
  return new MatchingService(
    ...([
      new RunRepository(),
      new ReconRunRepository(),
      new RuleRepository(),
      new MatchListRepository(),
      exceptions,
      new Clock(),
    ] as const),
  );
}

async function fill(admin: pg.Client, tenantId: string): Promise<void> {
  await admin.query('DROP TABLE IF EXISTS facts');
  await admin.query(FACTS.replace('$1', String(SIZE)));
  await admin.query(FILL, [tenantId]);
  await admin.query('VACUUM ANALYZE items');
}

async function fullRun(db: Database, admin: pg.Client): Promise<Outcome> {
  const tenantId = newId();
  await fill(admin, tenantId);
  const floorSeconds = await timed(() => admin.query(FLOOR, [tenantId]));
  const order = { tenantId, set: SET, kind: 'full' } as const;
  const seconds = await timed(() => db.tx((tx) => matching().run(tx, order)));
  const [judged] = (await admin.query<{ confirmed: number; wrong: number }>(JUDGED, [tenantId])).rows;
  const [hints] = (await admin.query<{ suggested: number; right: number }>(RIGHT_HINTS, [tenantId])).rows;
  const sure = Math.floor(SIZE * 0.7) + Math.ceil(SIZE / 100);
  return {
    ...{ scenario: 'n', what: `full run, ${SIZE} of each side`, unit: 's', floor: round(floorSeconds) },
    ...{ product: round(seconds), ratio: round(seconds / floorSeconds, 1), target: 'at most 20 s for a million' },
    details: {
      ...judged,
      precision: round(1 - judged!.wrong / judged!.confirmed, 6),
      recallOfTheSure: round(judged!.confirmed / sure, 4),
      ...{ suggested: hints!.suggested, suggestedRight: hints!.right },
    },
  };
}

async function newsRun(db: Database, admin: pg.Client): Promise<Outcome> {
  const tenantId = newId();
  await fill(admin, tenantId);
  const order = { tenantId, set: SET, kind: 'news' } as const;
  const runs: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    await admin.query(
      `INSERT INTO item_news SELECT tenant_id, set_name, id FROM items
        WHERE tenant_id = $1 AND side = 'B' AND state = 'open' ORDER BY id DESC LIMIT $2`,
      [tenantId, NEWS],
    );
    runs.push(await timed(() => db.tx((tx) => matching().run(tx, order))));
  }
  const floorSeconds = await timed(() =>
    admin.query(
      `SELECT count(*) FROM (SELECT * FROM items WHERE tenant_id = $1 AND side = 'B' ORDER BY id DESC LIMIT $2) b
         JOIN items a ON a.tenant_id = $1 AND a.set_name = b.set_name AND a.side = 'A' AND a.state = 'open'
          AND a.reference = b.reference`,
      [tenantId, NEWS],
    ),
  );
  const best = Math.min(...runs);
  return {
    ...{ scenario: 'n', what: `${NEWS} news against ${SIZE} open ones`, unit: 's', floor: round(floorSeconds, 3) },
    ...{ product: round(best, 3), ratio: round(best / floorSeconds, 1), target: 'at most 0.5 s for 10,000' },
    details: { runs: runs.map((each) => round(each, 3)) },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}
