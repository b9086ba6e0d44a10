import type { ReconSet } from '../domain/item.ts';
import type { MatchRule } from '../domain/match-rules.ts';

/** How many matches and suggestions, by the pass that made them; and how many references with two amounts. */
export interface RunCounts {
  readonly confirmed: Readonly<Record<string, number>>;
  readonly suggested: Readonly<Record<string, number>>;
  readonly differences: number;
}

export interface ReconRun {
  readonly tenantId: string;
  readonly id: string;
  readonly set: ReconSet;
  readonly kind: 'full' | 'news';
  readonly isDry: boolean;
  readonly state: 'queued' | 'done';
  readonly rulesVersion: number | null;
  readonly counts: RunCounts | null;
  readonly requestedBy: string | null;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
}

/** Version 0 are those of the product. */
export interface RuleSet {
  readonly version: number;
  readonly rules: readonly MatchRule[];
}
