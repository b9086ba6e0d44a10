import type { TenantKey } from '../domain/identity.ts';
import type { ClaimScope, SweepTime } from './sweep-scope.ts';

/** Before the first tenant. */
export const FIRST = '00000000-0000-0000-0000-000000000000';

/** How much was found, and the last tenant that had a turn. */
export interface Found {
  readonly count: number;
  readonly last: string | null;
}

export interface FoundKeys extends Found {
  readonly keys: readonly TenantKey[];
}

export function foundKeys(keys: readonly TenantKey[]): FoundKeys {
  const last = keys.reduce<string | null>((most, { tenantId }) => (tenantId > (most ?? '') ? tenantId : most), null);
  return { keys, count: keys.length, last };
}

/** At most so many of one tenant, while another waits, and so many in all. */
export type Batch = Pick<ClaimScope, 'share' | 'limit'>;

/** Whose turn it was last in a pass of the sweep: a hint, so that turns go round. */
export class Turns {
  private after = FIRST;

  /** Of one tenant all that there is, of those in real time the ones after whose turn it was. */
  claim<T extends Found>(time: SweepTime, batch: Batch, claim: (scope: ClaimScope) => Promise<T>): Promise<T> {
    if (time.tenantId !== null) return claim({ ...time, ...batch });
    return this.take(batch.limit, (after) => claim({ ...time, ...batch, after }));
  }

  private async take<T extends Found>(limit: number, claim: (after: string) => Promise<T>): Promise<T> {
    const { after } = this;
    const found = await claim(after);
    // A round that ended early begins anew, so that none at the end means none at all.
    this.after = found.count < limit ? FIRST : (found.last ?? FIRST);
    return found.count > 0 || after === FIRST ? found : this.take(limit, claim);
  }
}
