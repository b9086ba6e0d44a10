import type { Money } from '@quittance/money/money';

export interface ClaimLine {
  readonly procedure: string;
  readonly charge: string;
}

/** What a provider charged. */
export interface ChargedClaim {
  readonly tenantId: string;
  readonly id: string;
  readonly number: string;
  readonly patientAccount: string;
  readonly amount: Money;
  readonly servedOn: string;
  readonly lines: readonly ClaimLine[];
  readonly createdAt: Date;
}
export type NewClaim = Omit<ChargedClaim, 'tenantId' | 'id' | 'createdAt'>;
