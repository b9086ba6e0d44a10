import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sumOf } from './balance.ts';
import type { Remittance } from './remittance.ts';
import { readRemittances } from './remittance-reader.ts';
import { SegmentReader } from './segment-reader.ts';

// Public files of other projects are not part of this repository: they are looked for beside it.
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const samples = path.join(process.env['QUITTANCE_SAMPLES'] ?? path.join(root, '../shared/samples'), '835');
const present = fs.existsSync(samples);

const read = (file: string) => fs.readFileSync(path.join(samples, file));
const count = (bytes: Buffer, id: string) => {
  const reader = new SegmentReader([bytes]);
  let found = 0;
  while (reader.next()) if (reader.segment.id === id) found++;
  return found;
};

function summary(file: string, remittances: Remittance[], index: number) {
  const set = remittances[index]!;
  const lines = set.claims.flatMap((claim) => claim.lines);
  const sumOfPlb = set.providerAdjustments.reduce((sum, { amount }) => sum + amount, 0n);
  const badClaims = set.claims.filter((claim) => {
    const all = [...claim.adjustments, ...claim.lines.flatMap((line) => line.adjustments)];
    return claim.charge - sumOf(all) !== claim.paid;
  });
  const counted = set.faults
    .find(({ detail }) => /^SE01/.test(detail))
    ?.detail.match(/says (\d+) segments; .* (\d+)\./);
  return {
    ...{ file, interchanges: count(read(file), 'ISA'), groups: count(read(file), 'GS'), sets: remittances.length },
    ...{ set_ix: index + 1, st02: set.setControl, bpr01: set.handling, bpr04: set.method, trn02: set.traceNumber },
    ...{ bpr02_cents: Number(set.amount), claims: set.claims.length, service_lines: lines.length },
    sum_clp04_cents: Number(set.claims.reduce((sum, { paid }) => sum + paid, 0n)),
    sum_plb_cents: Number(sumOfPlb),
    plb: set.providerAdjustments.map(({ reason, amount }) => `${reason}:${amount}`).join(' '),
    clp02: [...new Set(set.claims.map(({ status }) => status))].join(','),
    transaction_balances: set.balanced,
    claims_out_of_balance: badClaims.length,
    service_lines_out_of_balance: lines.filter(({ balanced }) => !balanced).length,
    se01: counted ? [Number(counted[1]), Number(counted[2])] : 'agrees',
  };
}

const unless = present ? '' : ' (they are not there: nothing is shown)';

it(`public files come out as they are expected to${unless}`, () => {
  if (!present) return;
  const expected = fs
    .readFileSync(path.join(samples, 'EXPECTED.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { se01_declared, se01_actual, ...rest } = JSON.parse(line);
      return { ...rest, se01: se01_declared === se01_actual ? 'agrees' : [se01_declared, se01_actual] };
    });
  const files = fs.readdirSync(samples).filter((file) => file.endsWith('.835'));
  const found = files.flatMap((file) => {
    const remittances = [...readRemittances([read(file)])];
    return remittances.map((_, index) => summary(file, remittances, index));
  });
  expect(new Set(expected.map(({ file }) => file))).toEqual(new Set(files));
  for (const one of expected) {
    const same = found.find(({ file, set_ix }) => file === one.file && set_ix === one.set_ix);
    expect(same).toEqual(one);
  }
});
