import type { Database } from '@quittance/service-kit/database/database';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import pg from 'pg';
import { CollectionAttemptRepository } from '../../apps/billing/src/collections/collection-attempt.repository.ts';
import { CommissionEntryRepository } from '../../apps/billing/src/commissions/commission-entry.repository.ts';
import { CommissionRepository } from '../../apps/billing/src/commissions/commission.repository.ts';
import { CommissionsService } from '../../apps/billing/src/commissions/commissions.service.ts';
import { AnnounceRepository } from '../../apps/billing/src/instalments/announce.repository.ts';
import { BillService } from '../../apps/billing/src/instalments/bill.service.ts';
import { ClaimRepository } from '../../apps/billing/src/instalments/claim.repository.ts';
import { DueRepository } from '../../apps/billing/src/instalments/due.repository.ts';
import { DueService } from '../../apps/billing/src/instalments/due.service.ts';
import { InstalmentRepository } from '../../apps/billing/src/instalments/instalment.repository.ts';
import { InstalmentSweep } from '../../apps/billing/src/instalments/instalment-sweep.service.ts';
import { InvoiceRepository } from '../../apps/billing/src/invoices/invoice.repository.ts';
import { IssueService } from '../../apps/billing/src/invoices/issue.service.ts';
import { ANNOUNCE, BILL } from './billing-floor.ts';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';

type Pass = 'bill' | 'announce';
/** One a core, as two replicas would. */
const SWEEPERS = 2;
const ROUNDS = 3;
const BODY = Buffer.alloc(1_150, 97);
/** Of one sweeper in a turn; the size of a batch is the service's own. */
const WORK: Record<Pass, { batches: number; size: number }> = {
  announce: { batches: 2, size: 2_000 },
  bill: { batches: 8, size: 500 },
};
const FLOORS: Record<Pass, string> = { announce: ANNOUNCE, bill: BILL };
const PENDING: Record<Pass, string> = {
  announce: 'announcement_queue i WHERE i.due_at <= $1',
  bill: `instalments i WHERE i.state = 'scheduled' AND i.generate_at <= $1`,
};

/** The passes as they are, without those that find nothing here. */
function instalmentSweep(): InstalmentSweep {
  const outbox = new Outbox('billing', () => undefined);
  const [instalments, attempts] = [new InstalmentRepository(), new CollectionAttemptRepository()];
  const commissions = new CommissionsService(new CommissionRepository(), new CommissionEntryRepository(), outbox);
  const issuing = new IssueService(new InvoiceRepository(), commissions, outbox);
  const unused = undefined as never;
  const nothingOwed = { settle: () => Promise.resolve() } as never;
  const billing = new BillService(instalments, issuing, nothingOwed, attempts, outbox);
  const due = new DueService(new DueRepository(), billing, new AnnounceRepository(outbox));
  return new InstalmentSweep(new ClaimRepository(), new DueRepository(), billing, unused, due, unused, unused);
}

interface Bench {
  readonly db: Database;
  readonly admin: pg.Client;
  readonly service: InstalmentSweep;
  readonly now: Date;
}

async function swept({ db, service, now }: Bench, pass: Pass, batches = WORK[pass].batches): Promise<number> {
  const startedAt = performance.now();
  const sweeper = async () => {
    let done = 0;
    for (let n = 0; n < batches; n++) {
      done += await db.tx((tx) => service.run(tx, pass, { now, tenantId: null }));
    }
    return done;
  };
  const done = (await Promise.all(Array.from({ length: SWEEPERS }, sweeper))).reduce((sum, each) => sum + each, 0);
  const rate = perSecond(done, startedAt);
  // A turn that found half of its work, or none, tells nothing of the rate.
  if (done < (SWEEPERS * batches * WORK[pass].size) / 2) throw new Error(`${pass} found only ${done} rows`);
  return rate;
}

/** The same rows by bare SQL, of tenants from the other end, found before the time is taken. */
async function bare({ db, admin, now }: Bench, pass: Pass): Promise<number> {
  const { batches, size } = WORK[pass];
  const { rows } = await admin.query<{ tenants: string; ids: string; count: number }>(
    `SELECT array_agg(tenant_id)::text AS tenants, array_agg(id)::text AS ids, count(*)::int AS count
       FROM (SELECT i.tenant_id, i.id, row_number() OVER () AS n FROM (
               SELECT i.tenant_id, i.id FROM ${PENDING[pass]}
                ORDER BY i.tenant_id DESC LIMIT $2) i) i GROUP BY (n - 1) / $3`,
    [now, SWEEPERS * batches * size, size],
  );
  const startedAt = performance.now();
  const sweeper = async (mine: typeof rows) => {
    for (const { tenants, ids } of mine) await db.tx((tx) => tx.query(FLOORS[pass], [tenants, ids, BODY]));
  };
  await Promise.all(
    Array.from({ length: SWEEPERS }, (_, n) => sweeper(rows.filter((_row, at) => at % SWEEPERS === n))),
  );
  return perSecond(
    rows.reduce((sum, { count }) => sum + count, 0),
    startedAt,
  );
}

/** How fast a pass is over the book that was loaded, beside bare SQL. */
export async function benchPass(context: BenchContext, pass: Pass, about: PassOutcome): Promise<Outcome> {
  const db = await context.open(about.workerUrl, SWEEPERS, 'worker');
  const admin = new pg.Client({ connectionString: context.adminUrl });
  await admin.connect();
  await admin.query('SET search_path = billing');
  const bench: Bench = { db, admin, service: instalmentSweep(), now: about.now };
  // Plans are made, and kept, in the first executions of each connection.
  await swept(bench, pass, 1);
  const { floors, products } = await byTurns(
    ROUNDS,
    () => bare(bench, pass),
    () => swept(bench, pass),
  );
  await Promise.all([db.close(), admin.end()]);
  const { what, target, stored } = about;
  return compared({
    ...{ scenario: 'i', what, unit: 'instalments/s', target },
    floor: round(median(floors), 0),
    product: round(median(products), 0),
    details: {
      ...{ stored, sweepers: SWEEPERS, ...WORK[pass] },
      ...{ floors: floors.map(Math.round), products: products.map(Math.round) },
    },
  });
}

export interface PassOutcome {
  readonly workerUrl: string;
  readonly now: Date;
  readonly stored: number;
  readonly what: string;
  readonly target: string;
}
