import type { ReportLine } from './payout.ts';

/** A payout as a report has it, before it is known what earlier reports said of it. */
export interface ReportedPayout {
  readonly reference: string;
  /** Automatic, where lines name it; a line of its own that no other names is a manual one. */
  readonly kind: 'automatic' | 'manual';
  readonly currency: string;
  /** From its own line; null where the report has only what it was made of. */
  readonly declared: bigint | null;
  readonly arrivesOn: string | null;
}

export interface SortedReport {
  readonly payouts: readonly ReportedPayout[];
  /** All lines but those that are payouts, each with the payout it names. */
  readonly items: readonly ReportLine[];
}

/** Tells payouts from what they are made of. Two currencies of one payout are two: nothing is converted here. */
export function sortReport(lines: readonly ReportLine[]): SortedReport {
  const payouts = new Map<string, ReportedPayout>();
  const note = (reference: string, line: ReportLine, found: Partial<ReportedPayout>) => {
    const key = `${line.currency} ${reference}`;
    const known = payouts.get(key);
    const blank = { reference, kind: 'manual', currency: line.currency, declared: null, arrivesOn: null } as const;
    payouts.set(key, { ...blank, ...known, ...found, arrivesOn: known?.arrivesOn ?? found.arrivesOn ?? null });
  };
  for (const line of lines) {
    const { category, payout, arrivesOn, references, net } = line;
    if (category !== 'payout') {
      if (payout !== null) note(payout, line, { kind: 'automatic', arrivesOn });
      continue;
    }
    const reference = payout ?? references[0] ?? line.id;
    const before = payouts.get(`${line.currency} ${reference}`)?.declared ?? 0n;
    // A payout that failed comes back as a line of its own and takes its amount away again.
    note(reference, line, { declared: before - net, arrivesOn });
  }
  return { payouts: [...payouts.values()], items: lines.filter(({ category }) => category !== 'payout') };
}
