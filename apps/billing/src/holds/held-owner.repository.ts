import { Injectable } from '@nestjs/common';
import { isUuid } from '@quittance/service-kit/http/path-id';
import type { Tx } from '@quittance/service-kit/database/tx';
import { held } from './held.sql.ts';

export interface MoneyOwner {
  readonly tenantId: string;
  readonly ownerType: 'policy' | 'policyholder';
  readonly ownerLocator: string;
}

const today = '($3::timestamptz AT TIME ZONE p.time_zone)::date';
const HELD = (owner: string) => `
  SELECT 1 FROM policies p WHERE p.tenant_id = $1 AND ${owner} AND ${held('disbursement', today)} LIMIT 1`;
const HELD_OF = { policy: HELD('p.locator = $2::uuid'), policyholder: HELD('p.policyholder_locator = $2') };

/** Whether a hold of disbursements stops money of a policy, or of a policyholder by any policy of his. */
@Injectable()
export class HeldOwnerRepository {
  async isHeld(tx: Tx, { tenantId, ownerType, ownerLocator }: MoneyOwner, now: Date): Promise<boolean> {
    // Of a policy that is named by anything else there is none here.
    if (ownerType === 'policy' && !isUuid(ownerLocator)) return false;
    return (await tx.query(HELD_OF[ownerType], [tenantId, ownerLocator, now])).length > 0;
  }
}
