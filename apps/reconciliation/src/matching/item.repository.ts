import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { normalReference } from '../domain/item.ts';
import type { NewItem } from '../domain/item.ts';

const ADD = `
  WITH added AS (
  INSERT INTO items (tenant_id, set_name, side, source_type, source_id, account, currency, amount_minor, dated_on,
                     reference, second_reference, batch_reference, party)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                       $9::date[], $10::text[], $11::text[], $12::text[], $13::text[])
  ON CONFLICT (tenant_id, set_name, side, source_type, source_id) DO NOTHING
  RETURNING tenant_id, set_name, id)
  INSERT INTO item_news (tenant_id, set_name, item_id) SELECT tenant_id, set_name, id FROM added`;

@Injectable()
export class ItemRepository {
  /** Adds what is to be matched; the same source again changes nothing. @returns how many are new */
  async add(tx: Tx, items: readonly NewItem[]): Promise<number> {
    if (items.length === 0) return 0;
    return tx.execute(ADD, [
      items.map(({ tenantId }) => tenantId),
      items.map(({ set }) => set),
      items.map(({ side }) => side),
      items.map(({ source }) => source.type),
      items.map(({ source }) => source.id),
      items.map(({ account }) => account),
      items.map(({ currency }) => currency),
      items.map(({ amount }) => amount.toString()),
      items.map(({ datedOn }) => datedOn),
      items.map(({ reference }) => normalReference(reference)),
      items.map(({ secondReference }) => normalReference(secondReference)),
      items.map(({ batchReference }) => normalReference(batchReference)),
      items.map(({ party }) => party ?? null),
    ]);
  }
}
