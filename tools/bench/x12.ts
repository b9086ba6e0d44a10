// (m) an 835 from bytes to rows, judged: MB/s beside counting its terminators, and the memory that it takes.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root, sourceArgs } from '../processes.mjs';
import { byTurns, compared, median, round } from './measure.ts';
import type { Outcome } from './measure.ts';
import { writeRemittances } from './x12-files.ts';
import type { X12Counts } from './x12-files.ts';

const ROUNDS = 5;
const PEERS = ['node-x12 tree', 'node-x12 stream', 'x12-parser stream'];
const INSTALL = 'npm install --prefix .data/bench-peers node-x12@1.7.1 x12-parser@1.3.0';

interface Reading {
  /** Of the first time in its process, and of the second. */
  firstSeconds: number;
  seconds: number;
  peakRssMb: number;
  found: Record<string, number>;
}

function read(way: string, file: string): Reading {
  const args = [...sourceArgs, path.join(root, 'tools/bench/x12-reading.ts'), way, file];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' })) as Reading;
}

export async function benchX12(dir: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const megabytes of [5, 50]) {
    const file = path.join(dir, `${megabytes}.835`);
    outcomes.push(await benchFile(file, writeRemittances(file, megabytes * 1e6)));
  }
  fs.rmSync(dir, { recursive: true, force: true });
  return outcomes;
}

async function benchFile(file: string, counts: X12Counts): Promise<Outcome> {
  const speed = ({ seconds }: Reading) => counts.bytes / 1e6 / seconds;
  const rss: number[] = [];
  const first: number[] = [];
  const product = () => {
    const reading = read('product', file);
    const { sets, balanced, claims, lines, faults } = reading.found;
    const whole = sets === counts.sets && balanced === sets && claims === counts.claims && lines === counts.lines;
    if (!whole || faults !== 0) throw new Error(`not all of the file was read: ${JSON.stringify(reading.found)}`);
    rss.push(reading.peakRssMb);
    first.push(counts.bytes / 1e6 / reading.firstSeconds);
    return speed(reading);
  };
  const speeds = await byTurns(
    ROUNDS,
    async () => speed(read('floor', file)),
    async () => product(),
  );
  const tokenizer = read('tokenizer', file);
  const size = `${Math.round(counts.bytes / 1e6)} MB`;
  return compared({
    scenario: 'm',
    what: `an 835 of ${size} to rows of claims, lines and adjustments, balanced`,
    unit: 'MB/s',
    floor: round(median(speeds.floors)),
    product: round(median(speeds.products)),
    target: '>= 50 MB/s, peak RSS < 200 MB at any size',
    details: {
      ...counts,
      peakRssMb: Math.max(...rss),
      rssMbOfAProcessThatReadsNothing: read('nothing', file).peakRssMb,
      tokenizerMbPerSecond: round(speed(tokenizer)),
      floor: 'counts the bytes that are ~, in the same chunks',
      firstInItsProcessMbPerSecond: round(median(first)),
      productRuns: speeds.products.map((value) => round(value)),
      peers: peersOf(file, speed),
    },
  });
}

/** They only part segments, or make a tree of them; none knows what a claim is. */
function peersOf(file: string, speed: (reading: Reading) => number): unknown {
  if (!fs.existsSync(path.join(root, '.data/bench-peers/node_modules/node-x12'))) {
    return `not installed; to measure them beside it: ${INSTALL}`;
  }
  return Object.fromEntries(
    PEERS.map((way) => {
      const reading = read(way, file);
      return [way, { mbPerSecond: round(speed(reading)), peakRssMb: reading.peakRssMb, found: reading.found }];
    }),
  );
}
