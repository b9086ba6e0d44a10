import { Injectable } from '@nestjs/common';
import type { Tx } from '@quittance/service-kit/database/tx';
import type { ChargedClaim } from './charged-claim.ts';

const COLUMNS = `c.tenant_id AS "tenantId", c.id, c.number, c.patient_account AS "patientAccount", c.currency,
  c.charge_minor, c.served_on AS "servedOn", c.lines, c.created_at AS "createdAt"`;
const INSERT = `
  INSERT INTO claims AS c (tenant_id, id, number, patient_account, currency, charge_minor, served_on, lines, created_at)
  SELECT $1, n.id, n.number, n.account, n.currency, n.charge, n.served_on, n.lines, $2
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::date[], $9::jsonb[])
         n (id, number, account, currency, charge, served_on, lines)
  ON CONFLICT (tenant_id, number) DO NOTHING RETURNING ${COLUMNS}`;
const FIND = `SELECT ${COLUMNS} FROM claims c WHERE c.tenant_id = $1 AND c.id = $2`;
const BY_NUMBER = `SELECT ${COLUMNS} FROM claims c WHERE c.tenant_id = $1 AND c.number = ANY ($2::text[])`;
const CLAIM_TO_BOOK = `
  UPDATE claims c SET booked_at = $2
    FROM (SELECT tenant_id, id FROM claims WHERE booked_at IS NULL
           ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED) due
   WHERE c.tenant_id = due.tenant_id AND c.id = due.id RETURNING ${COLUMNS}`;

@Injectable()
export class ClaimRepository {
  /** @returns those that are new */
  async insert(tx: Tx, tenantId: string, claims: readonly ChargedClaim[], at: Date): Promise<ChargedClaim[]> {
    const rows = await tx.query<ClaimRow>(INSERT, [
      ...[tenantId, at, claims.map(({ id }) => id), claims.map(({ number }) => number)],
      ...[claims.map(({ patientAccount }) => patientAccount), claims.map(({ amount }) => amount.currency)],
      ...[claims.map(({ amount }) => amount.minor.toString()), claims.map(({ servedOn }) => servedOn)],
      claims.map(({ lines }) => JSON.stringify(lines)),
    ]);
    return rows.map(claimOf);
  }

  async byNumber(tx: Tx, tenantId: string, numbers: readonly string[]): Promise<ChargedClaim[]> {
    return (await tx.query<ClaimRow>(BY_NUMBER, [tenantId, numbers])).map(claimOf);
  }

  async find(tx: Tx, tenantId: string, id: string): Promise<ChargedClaim | null> {
    const [row] = await tx.query<ClaimRow>(FIND, [tenantId, id]);
    return row ? claimOf(row) : null;
  }

  async claimToBook(tx: Tx, limit: number, at: Date): Promise<ChargedClaim[]> {
    return (await tx.query<ClaimRow>(CLAIM_TO_BOOK, [limit, at])).map(claimOf);
  }
}

type ClaimRow = Omit<ChargedClaim, 'amount'> & { currency: string; charge_minor: string };

function claimOf({ currency, charge_minor: minor, ...row }: ClaimRow): ChargedClaim {
  return { ...row, amount: { minor: BigInt(minor), currency } };
}
