import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { bankSets, setTraits } from '../domain/match-rules.ts';
import { ITEM_COLUMNS, itemOf, MATCH_COLUMNS, matchOf } from './match.ts';
import type { Item, ItemRow, Match, MatchRow } from './match.ts';

const INSERT = `
  INSERT INTO matches (tenant_id, id, set_name, rule, score, state, currency, amount_minor, diff_minor, diff_reason,
    a_items, b_items, version, created_by, created_at, reason)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`;
const UPDATE = `
  UPDATE matches SET state = $3, version = $4, confirmed_by = $5, ended_by = $6, ended_at = $7, reason = $8
   WHERE tenant_id = $1 AND id = $2`;
const LOCK = `SELECT ${MATCH_COLUMNS} FROM matches m WHERE m.tenant_id = $1 AND m.id = $2 FOR UPDATE`;
const LOCK_ITEMS = `
  SELECT ${ITEM_COLUMNS} FROM items i WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[]) ORDER BY i.id FOR UPDATE`;
const MARK = `
  UPDATE items SET state = 'matched', match_id = $2
   WHERE tenant_id = $1 AND id = ANY ($3::bigint[]) AND state = 'open'`;
/** What the line of a bank is asked for in other sets. */
const WITHDRAW = `
  UPDATE items s SET state = 'withdrawn', withdrawn_by = $2 FROM items m
   WHERE m.tenant_id = $1 AND m.id = ANY ($3::bigint[]) AND m.source_type = 'bank_line'
     AND s.tenant_id = $1 AND s.set_name = ANY ($4::text[]) AND s.side = 'B' AND s.source_type = 'bank_line'
     AND s.source_id = m.source_id AND s.state = 'open'`;
const FREE = `
  UPDATE items SET state = 'open', match_id = NULL, withdrawn_by = NULL
   WHERE tenant_id = $1 AND (id = ANY ($3::bigint[]) AND match_id = $2 OR withdrawn_by = $2)
  RETURNING set_name, id`;
const REJECT = `
  INSERT INTO rejected_pairs (tenant_id, a_item, b_item, rejected_by, reason, rejected_at)
  SELECT $1, a, b, $4, $5, $6 FROM unnest($2::bigint[]) a CROSS JOIN unnest($3::bigint[]) b ON CONFLICT DO NOTHING`;

export interface Rejection {
  readonly tenantId: string;
  readonly aItems: readonly string[];
  readonly bItems: readonly string[];
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

/** Matches that people make and take back; what runs make is written by `RunRepository`. */
@Injectable()
export class MatchRepository {
  async insert(tx: Tx, m: Match): Promise<void> {
    await tx.execute(INSERT, [
      ...[m.tenantId, m.id, m.set, m.rule, m.score, m.state, m.amount.currency, m.amount.minor.toString()],
      ...[m.diffMinor.toString(), m.diffReason, m.aItems, m.bItems, m.version, m.createdBy, m.createdAt, m.reason],
    ]);
  }

  async update(tx: Tx, m: Match): Promise<void> {
    const { tenantId, id, state, version, confirmedBy, endedBy, endedAt, reason } = m;
    await tx.execute(UPDATE, [tenantId, id, state, version, confirmedBy, endedBy, endedAt, reason]);
  }

  async lock(tx: Tx, tenantId: string, id: string): Promise<Match | null> {
    const [row] = await tx.query<MatchRow>(LOCK, [tenantId, id]);
    return row ? matchOf(row) : null;
  }

  /** In the order of their ids, so that two who match by hand do not wait for each other. */
  async lockItems(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Item[]> {
    return (await tx.query<ItemRow>(LOCK_ITEMS, [tenantId, ids])).map(itemOf);
  }

  /** Of items that the caller holds and has seen to be open. */
  async mark(tx: Tx, { tenantId, id, set, aItems, bItems }: Match): Promise<void> {
    const items = [...aItems, ...bItems];
    const marked = await tx.execute(MARK, [tenantId, id, items]);
    if (marked !== items.length) throw new Error(`match ${id}: ${marked} of ${items.length} items were open`);
    if (!setTraits[set].isOfBank) return;
    await tx.execute(WITHDRAW, [tenantId, id, items, bankSets.filter((each) => each !== set)]);
  }

  /** Opens what it held, and what it had withdrawn elsewhere; the next full run looks at them again. */
  async free(tx: Tx, { tenantId, id, aItems, bItems }: Match): Promise<void> {
    await tx.query(FREE, [tenantId, id, [...aItems, ...bItems]]);
  }

  async reject(tx: Tx, { tenantId, aItems, bItems, by, reason, at }: Rejection): Promise<void> {
    await tx.execute(REJECT, [tenantId, aItems, bItems, by, reason, at]);
  }
}
