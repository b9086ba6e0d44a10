import type { NewItem } from '../domain/item.ts';
import type { Claim } from '../x12/remittance.ts';
import type { StoredRemittance } from './remittance-row.ts';
import type { NewRemittance } from './remittance.repository.ts';

/** S4, side A: the money that a payer announces. */
export function itemOfRemittance({
  tenantId,
  id,
  payee,
  amount,
  paidOn,
  traceNumber,
  originator,
}: StoredRemittance): NewItem[] {
  if (amount.minor === 0n) return [];
  return [
    {
      ...{ tenantId, set: 'remittance_deposit', side: 'A', source: { type: 'remittance', id }, account: payee.id },
      ...{ currency: amount.currency, amount: amount.minor, datedOn: paidOn },
      ...{ reference: traceNumber, secondReference: originator },
    },
  ];
}

/** Primary payers' claims are told once; what a second payer pays is of the same charge. */
const PRIMARY = new Set(['1', '4', '19']);
export const CLAIMS = 'claims';

/** S5, side A: a claim that a payer has judged. */
export function itemOfClaim({ tenantId, amount, paidOn }: NewRemittance, id: string, claim: Claim): NewItem[] {
  if (!PRIMARY.has(claim.status) || claim.charge <= 0n) return [];
  return [
    {
      ...{ tenantId, set: 'claim_receivable', side: 'A', source: { type: 'remittance_claim', id }, account: CLAIMS },
      ...{ currency: amount.currency, amount: claim.charge, datedOn: claim.from ?? paidOn },
      ...{ reference: claim.patientControlNumber, secondReference: claim.payerControlNumber },
    },
  ];
}
