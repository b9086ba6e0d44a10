import type { Money } from '@quittance/money/money';
import type { ReconSet } from '../domain/item.ts';
import type { DifferenceReason } from '../domain/manual-match.ts';

export const matchStates = ['proposed', 'confirmed', 'reverted', 'declined'] as const;
export type MatchState = (typeof matchStates)[number];

/** `pass` of a run, or `manual`. */
export interface Match {
  readonly tenantId: string;
  readonly id: string;
  readonly set: ReconSet;
  readonly rule: string;
  readonly score: number;
  readonly state: MatchState;
  /** What side A comes to. */
  readonly amount: Money;
  /** A less B, in minor units. */
  readonly diffMinor: bigint;
  readonly diffReason: DifferenceReason | null;
  readonly aItems: readonly string[];
  readonly bItems: readonly string[];
  readonly version: number;
  /** Null: a run made it. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly confirmedBy: string | null;
  readonly endedBy: string | null;
  readonly endedAt: Date | null;
  readonly reason: string | null;
}

/** A side of a match as it is stored. */
export interface Item {
  readonly id: string;
  readonly set: ReconSet;
  readonly side: 'A' | 'B';
  readonly source: { readonly type: string; readonly id: string };
  readonly amount: Money;
  readonly datedOn: string;
  readonly reference: string | null;
  readonly batchReference: string | null;
  readonly state: 'open' | 'matched' | 'withdrawn';
  readonly matchId: string | null;
}

export interface Suggestion {
  readonly id: string;
  readonly set: ReconSet;
  readonly rule: string;
  readonly score: number;
  readonly currency: string;
  readonly diffMinor: bigint;
  readonly aItems: readonly string[];
  readonly bItems: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>>;
}

export interface MatchRow {
  tenant_id: string;
  id: string;
  set_name: ReconSet;
  rule: string;
  score: number;
  state: MatchState;
  currency: string;
  amount_minor: string;
  diff_minor: string;
  diff_reason: DifferenceReason | null;
  a_items: string[];
  b_items: string[];
  version: number;
  created_by: string | null;
  created_at: Date;
  confirmed_by: string | null;
  ended_by: string | null;
  ended_at: Date | null;
  reason: string | null;
}

export const MATCH_COLUMNS = `m.tenant_id, m.id, m.set_name, m.rule, m.score, m.state, m.currency, m.amount_minor,
  m.diff_minor, m.diff_reason, m.a_items, m.b_items, m.version, m.created_by, m.created_at, m.confirmed_by, m.ended_by,
  m.ended_at, m.reason`;

export function matchOf(row: MatchRow): Match {
  return {
    ...{ tenantId: row.tenant_id, id: row.id, set: row.set_name, rule: row.rule, score: row.score, state: row.state },
    amount: { minor: BigInt(row.amount_minor), currency: row.currency },
    ...{ diffMinor: BigInt(row.diff_minor), diffReason: row.diff_reason },
    ...{ aItems: row.a_items, bItems: row.b_items, version: row.version },
    ...{ createdBy: row.created_by, createdAt: row.created_at, confirmedBy: row.confirmed_by },
    ...{ endedBy: row.ended_by, endedAt: row.ended_at, reason: row.reason },
  };
}

export interface ItemRow {
  id: string;
  set_name: ReconSet;
  side: 'A' | 'B';
  source_type: string;
  source_id: string;
  currency: string;
  amount_minor: string;
  dated_on: string;
  reference: string | null;
  batch_reference: string | null;
  state: Item['state'];
  match_id: string | null;
}

export const ITEM_COLUMNS = `i.id, i.set_name, i.side, i.source_type, i.source_id, i.currency, i.amount_minor,
  i.dated_on, i.reference, i.batch_reference, i.state, i.match_id`;

export function itemOf(row: ItemRow): Item {
  return {
    ...{ id: row.id, set: row.set_name, side: row.side, source: { type: row.source_type, id: row.source_id } },
    amount: { minor: BigInt(row.amount_minor), currency: row.currency },
    ...{ datedOn: row.dated_on, reference: row.reference, batchReference: row.batch_reference },
    ...{ state: row.state, matchId: row.match_id },
  };
}
