import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { AdjustmentView, ClaimView, LineView } from './remittance-views.ts';

export interface Paging {
  readonly after: number | null;
  readonly limit: number;
}
interface Key {
  readonly tenantId: string;
  readonly id: string;
}

const CLAIMS = `
  SELECT id, n, patient_account AS "patientAccount", status, charge_minor AS charge, paid_minor AS paid,
         patient_minor AS "patientResponsibility", filing, payer_control AS "payerControl", from_on AS "from",
         to_on AS "to", adjustments, remarks, is_balanced AS "isBalanced", reversal_of AS "reversalOf"
    FROM remittance_claims WHERE tenant_id = $1 AND remittance_id = $2 AND n > coalesce($3::int, -1)
   ORDER BY n LIMIT $4`;
const HAS_CLAIM = `SELECT patient FROM remittance_claims WHERE tenant_id = $1 AND remittance_id = $2 AND id = $3`;
const LINES = `
  SELECT n, qualifier, procedure, modifiers, charge_minor AS charge, paid_minor AS paid, units, served_on AS "servedOn",
         control_number AS "controlNumber", adjustments, remarks, is_balanced AS "isBalanced"
    FROM remittance_lines WHERE tenant_id = $1 AND claim_id = $2 ORDER BY n`;
const ADJUSTMENTS = `
  SELECT provider_id AS "providerId", fiscal_on AS "fiscalOn", reason, reference, amount_minor AS amount
    FROM provider_adjustments WHERE tenant_id = $1 AND remittance_id = $2 ORDER BY n`;
const NOTE_READ = `INSERT INTO patient_reads (tenant_id, claim_id, read_by, read_at) VALUES ($1, $2, $3, $4)`;

/** What a remittance says, for people to read: all of it but whom it is about. */
@Injectable()
export class RemittanceListRepository {
  /** In their order, one more than the page holds. */
  claims(tx: Tx, { tenantId, id }: Key, { after, limit }: Paging): Promise<ClaimView[]> {
    return tx.query<ClaimView>(CLAIMS, [tenantId, id, after, limit + 1]);
  }

  /** Null where the remittance has no such claim. */
  async lines(tx: Tx, tenantId: string, of: { remittanceId: string; claimId: string }): Promise<LineView[] | null> {
    if (!(await this.patient(tx, tenantId, of))) return null;
    return tx.query<LineView>(LINES, [tenantId, of.claimId]);
  }

  adjustments(tx: Tx, { tenantId, id }: Key): Promise<AdjustmentView[]> {
    return tx.query<AdjustmentView>(ADJUSTMENTS, [tenantId, id]);
  }

  async patient(tx: Tx, tenantId: string, { remittanceId, claimId }: { remittanceId: string; claimId: string }) {
    const rows = await tx.query<{ patient: Buffer | null }>(HAS_CLAIM, [tenantId, remittanceId, claimId]);
    return rows[0] ?? null;
  }

  async noteRead(tx: Tx, of: { tenantId: string; claimId: string; by: string; at: Date }): Promise<void> {
    await tx.execute(NOTE_READ, [of.tenantId, of.claimId, of.by, of.at]);
  }
}
