import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import { held } from '../holds/held.sql.ts';
import { claimTexts } from './claim.sql.ts';
import type { ClaimTexts, Pending } from './claim.sql.ts';
import type { ClaimScope } from './sweep-scope.ts';
import { FIRST } from './turns.ts';
import type { Found } from './turns.ts';

/** Rows that are locked by their policies; lists in the database's own notation, to be handed back as they are. */
export interface Claim extends Found {
  readonly tenantIds: string;
  readonly ids: string;
  readonly zones: readonly string[];
}

const NONE: Claim = { tenantIds: '{}', ids: '{}', zones: [], count: 0, last: null };

const bill: Pending = {
  table: 'instalments',
  where: `i.state = 'scheduled'`,
  at: 'generate_at',
  // A hold keeps back what is to be billed, and not what was billed before it.
  waiting: `'draft', 'on_hold'`,
  // Nothing is billed for nothing: a zero instalment waits for its date. One that falls due within a hold is not
  // billed.
  and: `(SELECT (z.amount_minor > 0 OR z.due_at <= $1) AND NOT ${held('invoicing', 'z.due_on')}
           FROM instalments z WHERE z.tenant_id = i.tenant_id AND z.id = i.id)`,
};
const today = '($1::timestamptz AT TIME ZONE p.time_zone)::date';
const announce: Pending = {
  table: 'announcement_queue',
  where: 'true',
  at: 'due_at',
  waiting: `'draft'`,
  // What lies there unapplied pays first: only what is left is asked for. A hold of charges keeps them for its end.
  and: `(SELECT true FROM unapplied_funds f
           WHERE f.tenant_id = i.tenant_id AND f.owner_type = 'policy' AND f.owner_locator = i.policy_locator::text
             AND f.balance_minor > 0 LIMIT 1) IS NULL
         AND (p.collection <> 'automatic' OR NOT ${held('autopay', today)})`,
};

export type Pass = 'bill' | 'announce';
const texts: Record<Pass, ClaimTexts> = { bill: claimTexts(bill), announce: claimTexts(announce) };

@Injectable()
export class ClaimRepository {
  async claim(tx: Tx, pass: Pass, { now, tenantId, after = FIRST, share, limit }: ClaimScope): Promise<Claim> {
    const { any, realTime, ofTenant } = texts[pass];
    if (tenantId !== null) return first(await tx.query<Claim>(ofTenant, [now, limit, limit, tenantId]));
    if ((await tx.query(any, [now])).length === 0) return NONE;
    return first(await tx.query<Claim>(realTime, [now, share, limit, after]));
  }

  /** Whether one is left that another transaction has in hand. */
  async isAnyLeft(tx: Tx, pass: Pass, { now, tenantId }: { now: Date; tenantId: string }): Promise<boolean> {
    return (await tx.query(texts[pass].left, [now, tenantId])).length > 0;
  }
}

function first([claim]: Claim[]): Claim {
  return claim?.zones ? claim : NONE;
}
