import type { StoredCharge } from '../policies/charge.entity.ts';
import type { PolicyTransaction } from '../policies/policy-transaction.entity.ts';

/** A transaction as it is answered. */
export interface AppliedTransaction {
  readonly transaction: PolicyTransaction;
  readonly charges: readonly StoredCharge[];
  readonly scheduleId: string;
  readonly currency: string;
  readonly policyVersion: number;
}
