import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ReconSet } from '../domain/item.ts';
import { ITEM_COLUMNS, itemOf, MATCH_COLUMNS, matchOf } from './match.ts';
import type { Item, ItemRow, Match, MatchRow, MatchState, Suggestion } from './match.ts';

const FIND = `SELECT ${MATCH_COLUMNS} FROM matches m WHERE m.tenant_id = $1 AND m.id = $2`;
const PAGE = `
  SELECT ${MATCH_COLUMNS} FROM matches m
   WHERE m.tenant_id = $1 AND ($2::uuid IS NULL OR m.id < $2) AND ($3::text IS NULL OR m.set_name = $3)
     AND ($4::text IS NULL OR m.state = $4) ORDER BY m.id DESC LIMIT $5`;
const ITEMS = `SELECT ${ITEM_COLUMNS} FROM items i WHERE i.tenant_id = $1 AND i.id = ANY ($2::bigint[]) ORDER BY i.id`;
const ITEM_PAGE = `
  SELECT ${ITEM_COLUMNS} FROM items i
   WHERE i.tenant_id = $1 AND i.set_name = $2 AND i.side = $3 AND i.state = 'open' AND i.id > coalesce($4::bigint, 0)
   ORDER BY i.id LIMIT $5`;
/** Of which every side is still open: what is matched since is offered no more. */
const SUGGESTIONS = `
  SELECT s.id, s.set_name AS set, s.rule, s.score, s.currency, s.diff_minor AS "diffMinor", s.a_items AS "aItems",
         s.b_items AS "bItems", s.evidence FROM suggestions s
   WHERE s.tenant_id = $1 AND ($2::uuid IS NULL OR s.id < $2) AND ($3::text IS NULL OR s.set_name = $3)
     AND NOT EXISTS (SELECT FROM items i WHERE i.tenant_id = s.tenant_id AND i.id = ANY (s.a_items || s.b_items)
                        AND i.state <> 'open')
   ORDER BY s.id DESC LIMIT $4`;
const DROP_SUGGESTION = `
  DELETE FROM suggestions s WHERE s.tenant_id = $1 AND s.id = $2
  RETURNING s.a_items AS "aItems", s.b_items AS "bItems"`;

export interface Paging {
  readonly before: string | null;
  readonly set?: ReconSet | undefined;
  readonly limit: number;
}

export interface ItemPaging {
  readonly set: ReconSet;
  readonly side: 'A' | 'B';
  readonly after: string | null;
  readonly limit: number;
}

@Injectable()
export class MatchListRepository {
  async find(tx: Tx, tenantId: string, id: string): Promise<Match | null> {
    const [row] = await tx.query<MatchRow>(FIND, [tenantId, id]);
    return row ? matchOf(row) : null;
  }

  /** Newest first, one more than the page holds. */
  async page(tx: Tx, tenantId: string, of: Paging & { state?: MatchState | undefined }): Promise<Match[]> {
    const values = [tenantId, of.before, of.set ?? null, of.state ?? null, of.limit + 1];
    return (await tx.query<MatchRow>(PAGE, values)).map(matchOf);
  }

  async items(tx: Tx, tenantId: string, ids: readonly string[]): Promise<Item[]> {
    return (await tx.query<ItemRow>(ITEMS, [tenantId, ids])).map(itemOf);
  }

  /** The open ones of a side, oldest first. */
  async openItems(tx: Tx, tenantId: string, of: ItemPaging): Promise<Item[]> {
    return (await tx.query<ItemRow>(ITEM_PAGE, [tenantId, of.set, of.side, of.after, of.limit + 1])).map(itemOf);
  }

  async suggestions(tx: Tx, tenantId: string, of: Paging): Promise<Suggestion[]> {
    const values = [tenantId, of.before, of.set ?? null, of.limit + 1];
    const rows = await tx.query<Omit<Suggestion, 'diffMinor'> & { diffMinor: string }>(SUGGESTIONS, values);
    return rows.map((row) => ({ ...row, diffMinor: BigInt(row.diffMinor) }));
  }

  /** @returns what it was of, or null */
  async dropSuggestion(tx: Tx, tenantId: string, id: string): Promise<Pick<Suggestion, 'aItems' | 'bItems'> | null> {
    return (await tx.query<Pick<Suggestion, 'aItems' | 'bItems'>>(DROP_SUGGESTION, [tenantId, id]))[0] ?? null;
  }
}
