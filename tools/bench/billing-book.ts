import { newId } from '@quittance/service-kit/id';
import pg from 'pg';
import { migrations } from '../../apps/billing/src/migrations/all.ts';
import { loadBook } from '../../apps/billing/src/testing/book.itest.ts';
import { benchReads } from './billing-reads.ts';
import { benchPass } from './billing-sweep.ts';
import type { BenchContext } from './context.ts';
import type { Outcome } from './measure.ts';

/** BENCH_INSTALMENTS=1000000 for a run of minutes. */
const LARGE = Number(process.env['BENCH_INSTALMENTS'] ?? 10_000_000);
const SMALL = 100_000;
const DAY_MS = 86_400_000;
/** All turns of a pass take 52,000: of the small book nearly everything up to today, which is half of it. */
const WANTED = 64_000;
const DUE_TARGET = 'at least 20,000/s, and as many of a hundred times as many';

const daysFor = (instalments: number) => Math.min(366, Math.ceil((WANTED * 2 * 365) / instalments));

async function emptied(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`
    SET search_path = billing;
    TRUNCATE policyholders, policies, policy_terms, policy_transactions, charges, schedules, instalments,
      announcement_queue, instalment_lines, invoices, invoice_items, invoice_counters, collection_attempts,
      event_log, outbox_queue
        CASCADE`);
  await client.end();
}

/** (i) The passes of the day sweep, and reads, over books of two sizes. */
export async function benchBook(context: BenchContext): Promise<Outcome[]> {
  const urls = await context.prepare('billing', migrations);
  const tenantIds = Array.from({ length: 20 }, newId);
  const { workerUrl } = urls;
  const due = async (stored: number): Promise<Outcome> => {
    await loadBook(context.adminUrl, { instalments: stored, tenantIds, dueDays: daysFor(stored) });
    const what = `due sweep, state and instalment.due, of ${stored} stored`;
    return benchPass(context, 'announce', { workerUrl, now: new Date(), stored, what, target: DUE_TARGET });
  };
  const small = await due(SMALL);
  await emptied(context.adminUrl);
  const large = await due(LARGE);
  const bill = await benchPass(context, 'bill', {
    ...{ workerUrl, stored: LARGE, target: 'at least 3,000/s, gapless numbers' },
    now: new Date(Date.now() + daysFor(LARGE) * DAY_MS),
    what: `generate pass, invoices and instalment.billed, of ${LARGE} stored`,
  });
  const reads = await benchReads(context, { ...urls, tenantId: tenantIds[0]!, stored: LARGE });
  return [small, large, bill, ...reads];
}
