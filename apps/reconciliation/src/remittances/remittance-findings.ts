import type { ExceptionType, Finding } from '../domain/exception.ts';
import { PREDETERMINATION, REVERSAL } from '../domain/remittance-rules.ts';
import type { Claim, Fault } from '../x12/remittance.ts';
import type { StoredRemittance } from './remittance-row.ts';
import type { NewRemittance } from './remittance.repository.ts';

const subjectOf = ({ id }: Pick<NewRemittance, 'id'>) => ({ type: 'remittance', id });

export function conflictOf(other: NewRemittance, first: string): Finding {
  const detail = `Remittance ${first} has its trace number, amount and day, and says something else.`;
  return { tenantId: other.tenantId, type: 'remit_conflict', subject: subjectOf(other), detail, amount: other.amount };
}

/** Why the money of a claim cannot be placed, though the remittance as a whole adds up. */
export function problemOf(claim: Claim, reversalOf: string | null): ExceptionType | null {
  if (claim.status === REVERSAL && reversalOf === null) return 'reversal_without_original';
  if (claim.status === PREDETERMINATION && claim.paid !== 0n) return 'predetermination_paid';
  return null;
}

export function claimFinding(
  { tenantId, amount }: NewRemittance,
  id: string,
  claim: Claim,
  type: ExceptionType,
): Finding {
  const detail =
    type === 'predetermination_paid'
      ? 'A predetermination has a payment.'
      : 'No claim is known that this reversal takes back: its money is unidentified until one is.';
  const money = { minor: claim.paid, currency: amount.currency };
  return { tenantId, type, subject: { type: 'remittance_claim', id }, detail, amount: money };
}

/** One for a remittance and kind, however many places there are: they stand in it. */
export function faultFindings(remittance: StoredRemittance, faults: readonly Fault[]): Finding[] {
  const blocking = faults.filter((fault) => fault.blocking && fault.code !== 'envelope' && fault.code !== 'syntax');
  const byCode = Map.groupBy(blocking, ({ code }) => code as ExceptionType);
  return [...byCode].map(([type, [first, ...more]]) => {
    const detail = `${first!.detail}${more.length === 0 ? '' : ` And ${more.length} more.`}`;
    const { tenantId, amount } = remittance;
    return { tenantId, type, subject: subjectOf(remittance), detail, amount };
  });
}
