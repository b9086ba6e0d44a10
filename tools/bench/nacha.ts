import { nachaFile, returnAddendum } from '../../apps/reconciliation/src/nacha/nacha-writer.fixture.ts';
import { readNacha } from '../../apps/reconciliation/src/nacha/read-nacha.ts';
import { median, round } from './measure.ts';
import type { Outcome } from './measure.ts';

const ENTRIES = 100_000;
const ROUNDS = 5;
const LF = 10;

/** (p) An ACH file of 19 MB, 100,000 entries that came back: bytes to records, beside a count of its lines. */
export async function benchNacha(): Promise<Outcome> {
  const trace = (n: number) => `09100001${String(n).padStart(7, '0')}`;
  const entries = Array.from({ length: ENTRIES }, (_, n) => ({
    ...{ cents: 2_567 + n, trace: trace(n), addenda: [returnAddendum('R01', trace(n))] },
  }));
  const bytes = nachaFile([{ entries }]);
  const [floors, products]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    floors.push(timed(() => linesOf(bytes)));
    products.push(timed(() => readNacha(bytes)));
  }
  const read = readNacha(bytes);
  return {
    ...{ scenario: 'p', what: `an ACH file of ${round(bytes.length / 1e6, 1)} MB`, unit: 's' },
    ...{ floor: round(median(floors), 3), product: round(median(products), 3), target: 'at most 2 s' },
    ratio: round(median(products) / median(floors), 1),
    details: { entries: read.entries, warnings: read.warnings.length },
  };
}

function linesOf(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines += 1;
  return lines;
}

function timed(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) / 1000;
}
