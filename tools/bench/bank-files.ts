import { Clock } from '@quittance/service-kit/clock';
import type { Database } from '@quittance/service-kit/database/database';
import { newId } from '@quittance/service-kit/id';
import { Outbox } from '@quittance/service-kit/messaging/outbox';
import { BankAccountRepository } from '../../apps/reconciliation/src/bank/bank-account.repository.ts';
import { asBai2, asCamt, asMt940, asOfxXml } from '../../apps/reconciliation/src/bank/bank-files.fixture.ts';
import type { SaidStatement } from '../../apps/reconciliation/src/bank/bank-files.fixture.ts';
import { BankLineRepository } from '../../apps/reconciliation/src/bank/bank-line.repository.ts';
import { CamtReader } from '../../apps/reconciliation/src/bank/bank-statement.reader.ts';
import { BankStatementRepository } from '../../apps/reconciliation/src/bank/bank-statement.repository.ts';
import { BankStatementsService } from '../../apps/reconciliation/src/bank/bank-statements.service.ts';
import { formatOf } from '../../apps/reconciliation/src/bank/detect.ts';
import { ReleasesService } from '../../apps/reconciliation/src/bank/releases.service.ts';
import { StatementFindings } from '../../apps/reconciliation/src/bank/statement-findings.service.ts';
import { ExceptionRepository } from '../../apps/reconciliation/src/exceptions/exception.repository.ts';
import { ItemRepository } from '../../apps/reconciliation/src/matching/item.repository.ts';
import { migrations } from '../../apps/reconciliation/src/migrations/all.ts';
import type { BenchContext } from './context.ts';
import { byTurns, compared, median, perSecond, round } from './measure.ts';
import type { Outcome } from './measure.ts';

const LINES = 100_000;
const ROUNDS = 3;
const MEBIBYTE = 2 ** 20;

/** A day of a large collector: most lines are money that came in. */
const statement = (number: number): SaidStatement => ({
  ...{ account: 'DE89370400440532013000', currency: 'EUR', sequence: number, opening: 0n },
  ...{ from: '2026-03-01', to: '2026-03-02' },
  lines: Array.from({ length: LINES }, (_, n) => ({
    amount: BigInt(n % 10 === 0 ? -1_000 - n : 2_000 + n),
    bookedOn: '2026-03-02',
    reference: `INV-${number}-${n}`,
    bankReference: `B${number}-${n}`,
    text: `PREMIUM POLICY HO-2026-${n} INSTALMENT ${n % 12}`,
  })),
});

/** (bank-files) Statements of 100,000 lines: bytes to lines, and bytes to committed rows with items and events. */
export async function benchBankFiles(context: BenchContext): Promise<Outcome[]> {
  return [...(await readingOutcomes()), await benchStore(context)];
}

async function readingOutcomes(): Promise<Outcome[]> {
  const files = { camt: asCamt, mt940: asMt940, bai2: asBai2, ofx: asOfxXml };
  const outcomes: Outcome[] = [];
  for (const [name, render] of Object.entries(files)) {
    const bytes = Buffer.from(render(statement(1)));
    const rate = (work: () => unknown) => async () => {
      const startedAt = performance.now();
      work();
      return perSecond(bytes.length / MEBIBYTE, startedAt);
    };
    const read = () => formatOf(bytes)!.read(bytes);
    const { floors, products } = await byTurns(
      ROUNDS,
      rate(() => walked(bytes)),
      rate(read),
    );
    outcomes.push(
      compared({
        ...{
          scenario: 'bank-files',
          what: `read ${name}`,
          unit: 'MiB/s',
          target: 'design: 100,000 entries in seconds',
        },
        ...{ floor: round(median(floors), 1), product: round(median(products), 1) },
        details: { lines: LINES, mebibytes: round(bytes.length / MEBIBYTE, 1), floors, products },
      }),
    );
  }
  return outcomes;
}

/** The floor of reading: the text decoded and cut where something begins, by the runtime's own code. */
function walked(bytes: Buffer): number {
  return bytes.toString('utf8').split(/[<\n]/).length;
}

export async function benchStore(context: BenchContext): Promise<Outcome> {
  const urls = await context.prepare('reconciliation', migrations);
  const db = await context.open(urls.appUrl, 2, 'app');
  const reader = readerOf();
  const tenantId = newId();
  let number = 0;
  const store = async () => {
    const bytes = Buffer.from(asCamt(statement(++number)));
    const file = { tenantId, id: newId(), bytes, receivedAt: new Date() };
    const startedAt = performance.now();
    await db.withTenant(tenantId, (tx) => reader.store(tx, file));
    return perSecond(LINES, startedAt);
  };
  const { floors, products } = await byTurns(ROUNDS, () => insertBare(db, tenantId), store);
  return compared({
    ...{ scenario: 'bank-files', what: 'store a camt.053 of 100,000 entries', unit: 'lines/s' },
    ...{ floor: round(median(floors), 0), product: round(median(products), 0) },
    details: { lines: LINES, floors, products, floorIs: 'as many rows of items, by the same unnest' },
  });
}

/** The floor of storing: one row a line, with its indexes and its policy, and nothing else. */
async function insertBare(db: Database, tenantId: string): Promise<number> {
  const items = new ItemRepository();
  const rows = statement(0).lines.map(({ amount, bookedOn, reference }) => ({
    ...{ tenantId, set: 'deposit_invoice' as const, side: 'B' as const, source: { type: 'bench', id: newId() } },
    ...{ account: 'A', currency: 'EUR', amount, datedOn: bookedOn, reference },
  }));
  const startedAt = performance.now();
  await db.withTenant(tenantId, async (tx) => {
    for (let start = 0; start < rows.length; start += 5_000) await items.add(tx, rows.slice(start, start + 5_000));
  });
  return perSecond(LINES, startedAt);
}

function readerOf(): CamtReader {
  const outbox = new Outbox('reconciliation', () => undefined);
  const service = new BankStatementsService(
    new BankAccountRepository(),
    new BankStatementRepository(),
    new BankLineRepository(),
    new StatementFindings(new ExceptionRepository(outbox)),
    new ReleasesService(new ItemRepository(), outbox),
    new Clock(),
  );
  return new CamtReader(service);
}
