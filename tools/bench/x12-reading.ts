// Reads one file in one way in a process of its own, because what is asked of it is also how much memory it takes.
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Transform } from 'node:stream';
import type { Adjustment, Claim } from '../../apps/reconciliation/src/x12/remittance.ts';
import { readRemittanceParts } from '../../apps/reconciliation/src/x12/remittance-reader.ts';
import { SegmentReader } from '../../apps/reconciliation/src/x12/segment-reader.ts';
import { root } from '../processes.mjs';

/** What a way of reading found. */
type Found = Record<string, number>;

function* chunksOf(file: string): Generator<Buffer> {
  const fd = fs.openSync(file, 'r');
  const buffer = Buffer.allocUnsafe(1 << 18);
  for (let read = fs.readSync(fd, buffer); read > 0; read = fs.readSync(fd, buffer)) yield buffer.subarray(0, read);
  fs.closeSync(fd);
}

function countTerminators(file: string): Found {
  let segments = 0;
  for (const chunk of chunksOf(file)) {
    for (let i = 0; i < chunk.length; i++) if (chunk[i] === 0x7e) segments++;
  }
  return { segments };
}

function tokenize(file: string): Found {
  const reader = new SegmentReader(chunksOf(file));
  let segments = 0;
  while (reader.next()) segments++;
  return { segments };
}

/** The columns of three tables, as they go into `unnest`: a statement for each of them and each portion. */
function columnsOf(claims: readonly Claim[]) {
  const claim = { index: [] as number[], control: [] as string[], charge: [] as bigint[], paid: [] as bigint[] };
  const line = { claim: [] as number[], procedure: [] as string[], charge: [] as bigint[], paid: [] as bigint[] };
  const adjustment = { claim: [] as number[], line: [] as number[], reason: [] as string[], amount: [] as bigint[] };
  const adjust = (of: number, at: number, all: readonly Adjustment[]) => {
    for (const { reason, amount } of all) {
      adjustment.claim.push(of);
      adjustment.line.push(at);
      adjustment.reason.push(reason);
      adjustment.amount.push(amount);
    }
  };
  for (const one of claims) {
    claim.index.push(one.index);
    claim.control.push(one.patientControlNumber);
    claim.charge.push(one.charge);
    claim.paid.push(one.paid);
    adjust(one.index, -1, one.adjustments);
    for (const each of one.lines) {
      line.claim.push(one.index);
      line.procedure.push(each.procedure);
      line.charge.push(each.charge);
      line.paid.push(each.paid);
      adjust(one.index, each.index, each.adjustments);
    }
  }
  return { claim, line, adjustment };
}

function readAll(file: string): Found {
  const found = { sets: 0, balanced: 0, claims: 0, lines: 0, adjustments: 0, faults: 0 };
  for (const part of readRemittanceParts(chunksOf(file))) {
    if (part.kind === 'claims') {
      const { claim, line, adjustment } = columnsOf(part.claims);
      found.claims += claim.index.length;
      found.lines += line.claim.length;
      found.adjustments += adjustment.claim.length;
      found.faults += part.faults.length;
    } else if (part.kind === 'end') {
      found.sets++;
      found.balanced += part.end.balanced ? 1 : 0;
      found.faults += part.end.faults.length;
    }
  }
  return found;
}

const peer = (name: string): Record<string, new (...args: unknown[]) => unknown> =>
  createRequire(path.join(root, '.data/bench-peers/package.json'))(name) as never;

/** A peer's stream, which gives bare segments. */
async function stream(file: string, parser: Transform): Promise<Found> {
  let segments = 0;
  fs.createReadStream(file)
    .pipe(parser)
    .on('data', () => segments++);
  await once(parser, 'end');
  return { segments };
}

const ways: Record<string, (file: string) => Found | Promise<Found>> = {
  floor: countTerminators,
  tokenizer: tokenize,
  product: readAll,
  nothing: () => ({}),
  'node-x12 tree': (file) => {
    const parser = new (peer('node-x12')['X12Parser']!)(true) as {
      parse(text: string): { functionalGroups: unknown[] };
    };
    return { groups: parser.parse(fs.readFileSync(file, 'utf8')).functionalGroups.length };
  },
  'node-x12 stream': (file) => stream(file, new (peer('node-x12')['X12Parser']!)() as Transform),
  'x12-parser stream': (file) => stream(file, new (peer('x12-parser')['X12parser']!)() as Transform),
};

const [way, file] = process.argv.slice(2) as [string, string];
/** Twice: a service that reads a file has read files before. The first time is told as well. */
const timed = async () => {
  const startedAt = performance.now();
  const found = await ways[way]!(file);
  return { found, seconds: (performance.now() - startedAt) / 1000 };
};
const { seconds: firstSeconds } = await timed();
const { found, seconds } = await timed();
const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1000);
process.stdout.write(JSON.stringify({ firstSeconds, seconds, peakRssMb, found }));
