// What a remittance says, as it is shown: amounts in minor units, as text.

export interface StoredAdjustment {
  readonly group: string;
  readonly reason: string;
  readonly amountMinor: string;
  readonly quantity: string | null;
}
export interface ClaimView {
  readonly id: string;
  readonly n: number;
  readonly patientAccount: string;
  readonly status: string;
  readonly charge: string;
  readonly paid: string;
  readonly patientResponsibility: string;
  readonly filing: string | null;
  readonly payerControl: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly adjustments: readonly StoredAdjustment[];
  readonly remarks: readonly string[];
  readonly isBalanced: boolean;
  readonly reversalOf: string | null;
}
export interface LineView {
  readonly n: number;
  readonly qualifier: string | null;
  readonly procedure: string;
  readonly modifiers: readonly string[];
  readonly charge: string;
  readonly paid: string;
  readonly units: string | null;
  readonly servedOn: string | null;
  readonly controlNumber: string | null;
  readonly adjustments: readonly StoredAdjustment[];
  readonly remarks: readonly string[];
  readonly isBalanced: boolean;
}
export interface AdjustmentView {
  readonly providerId: string;
  readonly fiscalOn: string | null;
  readonly reason: string;
  readonly reference: string | null;
  readonly amount: string;
}
