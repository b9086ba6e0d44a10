import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { MatchListRepository } from './match-list.repository.ts';
import type { ItemPaging, Paging } from './match-list.repository.ts';
import type { Item, Match, MatchState, Suggestion } from './match.ts';

/** What people look at before they match something themselves. */
@Injectable()
export class MatchListsService {
  constructor(private readonly lists: MatchListRepository) {}

  page(tx: Tx, tenantId: string, of: Paging & { state?: MatchState | undefined }): Promise<Match[]> {
    return this.lists.page(tx, tenantId, of);
  }

  find(tx: Tx, tenantId: string, id: string): Promise<Match | null> {
    return this.lists.find(tx, tenantId, id);
  }

  openItems(tx: Tx, tenantId: string, of: ItemPaging): Promise<Item[]> {
    return this.lists.openItems(tx, tenantId, of);
  }

  suggestions(tx: Tx, tenantId: string, of: Paging): Promise<Suggestion[]> {
    return this.lists.suggestions(tx, tenantId, of);
  }
}
