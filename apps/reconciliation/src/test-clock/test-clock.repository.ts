import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';

// One reader at a time writes days, so counting what is there and adding one cannot collide; the unique key proves it.
const RECONCILE = `
  INSERT INTO test_clock_days (tenant_id, business_on, sequence, reconciled_at)
  SELECT $1, $2, coalesce(max(sequence), 0) + 1, $3 FROM test_clock_days WHERE tenant_id = $1
  ON CONFLICT (tenant_id, business_on) DO NOTHING
  RETURNING sequence`;

export interface ReachedDay {
  readonly tenantId: string;
  readonly businessOn: string;
  readonly now: Date;
}

@Injectable()
export class TestClockRepository {
  /** @returns the number of the day among the tenant's, undefined when it was reconciled before */
  async reconcile(tx: Tx, { tenantId, businessOn, now }: ReachedDay): Promise<number | undefined> {
    const [row] = await tx.query<{ sequence: number }>(RECONCILE, [tenantId, businessOn, now]);
    return row?.sequence;
  }
}
