import { Injectable } from '@nestjs/common';
import { byteaArray } from '@quittance/service-kit/database/bytea-array';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { Adjustment, Claim, ServiceLine } from '../x12/remittance.ts';

const ADD_CLAIMS = `
  INSERT INTO remittance_claims (tenant_id, id, remittance_id, n, patient_account, status, charge_minor, paid_minor,
    patient_minor, filing, payer_control, patient, member_hash, from_on, to_on, adjustments, remarks, is_balanced,
    reversal_of)
  SELECT $1, c.id, $2, c.n, c.account, c.status, c.charge, c.paid, c.patient_minor, c.filing, c.control, c.patient,
         c.member, c.from_on, c.to_on, c.adjustments, ARRAY(SELECT jsonb_array_elements_text(c.remarks)), c.balanced,
         c.reversal_of
    FROM unnest($3::uuid[], $4::int[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
                $11::text[], $12::bytea[], $13::bytea[], $14::date[], $15::date[], $16::jsonb[], $17::jsonb[],
                $18::boolean[], $19::uuid[])
         c (id, n, account, status, charge, paid, patient_minor, filing, control, patient, member, from_on, to_on,
            adjustments, remarks, balanced, reversal_of)`;
const ADD_LINES = `
  INSERT INTO remittance_lines (tenant_id, claim_id, n, qualifier, procedure, modifiers, charge_minor, paid_minor,
    units, served_on, control_number, adjustments, remarks, is_balanced)
  SELECT $1, l.claim_id, l.n, l.qualifier, l.procedure, ARRAY(SELECT jsonb_array_elements_text(l.modifiers)), l.charge,
         l.paid, l.units, l.served_on, l.control, l.adjustments, ARRAY(SELECT jsonb_array_elements_text(l.remarks)),
         l.balanced
    FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::jsonb[], $7::bigint[], $8::bigint[], $9::text[],
                $10::date[], $11::text[], $12::jsonb[], $13::jsonb[], $14::boolean[])
         l (claim_id, n, qualifier, procedure, modifiers, charge, paid, units, served_on, control, adjustments, remarks,
            balanced)`;
/** The claim that a reversal takes back: by the payer's number for it, else by the provider's and the days. */
const ORIGINALS = `
  SELECT DISTINCT ON (k.n) k.n, c.id
    FROM unnest($2::int[], $3::text[], $4::text[], $5::date[]) k (n, control, account, from_on)
    JOIN remittance_claims c ON c.tenant_id = $1 AND c.status NOT IN ('22', '25')
     AND (c.payer_control = k.control OR (c.patient_account = k.account AND c.from_on IS NOT DISTINCT FROM k.from_on))
    JOIN remittances r ON r.tenant_id = c.tenant_id AND r.id = c.remittance_id AND r.state <> 'void'
   WHERE NOT EXISTS (SELECT FROM remittance_claims x WHERE x.tenant_id = $1 AND x.reversal_of = c.id)
   ORDER BY k.n, (c.payer_control = k.control) DESC NULLS LAST, c.id DESC`;

/** A claim with what it is stored under. The patient is sealed already. */
export interface KeyedClaim {
  readonly id: string;
  readonly claim: Claim;
  readonly patient: Buffer | null;
  readonly memberHash: Buffer | null;
  readonly reversalOf: string | null;
}

const stored = (adjustments: readonly Adjustment[]) =>
  JSON.stringify(adjustments.map(({ amount, ...rest }) => ({ ...rest, amountMinor: String(amount) })));

/** Claims and their service lines, a portion at a time. */
@Injectable()
export class RemittanceClaimRepository {
  async add(tx: Tx, of: { tenantId: string; remittanceId: string }, claims: readonly KeyedClaim[]): Promise<void> {
    const { tenantId, remittanceId } = of;
    const all = claims.map(({ claim }) => claim);
    const lines = claims.flatMap(({ id, claim }) => claim.lines.map((line) => ({ id, line })));
    await Promise.all([
      tx.execute(ADD_CLAIMS, [
        ...[tenantId, remittanceId, claims.map(({ id }) => id), all.map(({ index }) => index)],
        ...[all.map((c) => c.patientControlNumber), all.map(({ status }) => status)],
        ...[all.map((c) => String(c.charge)), all.map((c) => String(c.paid))],
        ...[all.map((c) => String(c.patientResponsibility)), all.map(({ filing }) => filing)],
        all.map(({ payerControlNumber }) => payerControlNumber),
        ...[byteaArray(claims.map(({ patient }) => patient)), byteaArray(claims.map(({ memberHash }) => memberHash))],
        ...[all.map(({ from }) => from), all.map(({ to }) => to)],
        ...[all.map(({ adjustments }) => stored(adjustments)), all.map(({ remarks }) => JSON.stringify(remarks))],
        ...[all.map(({ balanced }) => balanced), claims.map(({ reversalOf }) => reversalOf)],
      ]),
      this.addLines(tx, tenantId, lines),
    ]);
  }

  /** By the place of each reversal in its portion. */
  async originals(tx: Tx, tenantId: string, reversals: readonly Claim[]): Promise<Map<number, string>> {
    if (reversals.length === 0) return new Map();
    const rows = await tx.query<{ n: number; id: string }>(ORIGINALS, [
      ...[tenantId, reversals.map(({ index }) => index), reversals.map((c) => c.payerControlNumber)],
      ...[reversals.map((c) => c.patientControlNumber), reversals.map(({ from }) => from)],
    ]);
    return new Map(rows.map(({ n, id }) => [n, id]));
  }

  private async addLines(tx: Tx, tenantId: string, found: readonly { id: string; line: ServiceLine }[]): Promise<void> {
    if (found.length === 0) return;
    const lines = found.map(({ line }) => line);
    await tx.execute(ADD_LINES, [
      ...[tenantId, found.map(({ id }) => id), lines.map(({ index }) => index)],
      ...[lines.map(({ qualifier }) => qualifier), lines.map(({ procedure }) => procedure)],
      lines.map(({ modifiers }) => JSON.stringify(modifiers)),
      ...[lines.map((l) => String(l.charge)), lines.map((l) => String(l.paid)), lines.map(({ units }) => units)],
      ...[lines.map(({ servedOn }) => servedOn), lines.map(({ controlNumber }) => controlNumber)],
      ...[lines.map(({ adjustments }) => stored(adjustments)), lines.map(({ remarks }) => JSON.stringify(remarks))],
      lines.map(({ balanced }) => balanced),
    ]);
  }
}
