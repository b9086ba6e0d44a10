/** An X12 835 as it was read. All amounts in minor units of the remittance's currency; all texts as they stand. */
export interface Remittance {
  /** Which ST of the file, from 0, and where it stands in it, in bytes. */
  readonly index: number;
  readonly offset: number;
  readonly length: number;
  readonly interchangeControl: string | null;
  readonly groupControl: string | null;
  readonly setControl: string;
  /** BPR01: I, H, D, … */
  readonly handling: string;
  /** BPR04: ACH, CHK, NON, … */
  readonly method: string;
  /** BPR02, negative when BPR03 is D. */
  readonly amount: bigint;
  /** CUR02, else USD. */
  readonly currency: string;
  /** BPR16, 'YYYY-MM-DD' */
  readonly paidOn: string | null;
  /** DTM 405 */
  readonly producedOn: string | null;
  /** TRN02, TRN03 */
  readonly traceNumber: string;
  readonly originator: string;
  readonly payer: Party;
  readonly payee: Party;
  readonly claims: readonly Claim[];
  readonly providerAdjustments: readonly ProviderAdjustment[];
  /**
   * BPR02 = sum of CLP04 - sum of PLB. Where it is false nothing of the remittance may be posted, even if the one fault
   * is a claim's: a wrong CLP04 is said once, at the claim.
   */
  readonly balanced: boolean;
  /** Everything that is not as it should be; a `blocking` one holds the remittance or the claim it names. */
  readonly faults: readonly Fault[];
}

export interface Party {
  readonly name: string | null;
  /** N103 and N104, and of the payee REF TJ (tax id). */
  readonly idQualifier: string | null;
  readonly id: string | null;
  readonly taxId: string | null;
}

export interface Claim {
  readonly index: number;
  readonly offset: number;
  /** CLP01: the patient control number, the provider's own. */
  readonly patientControlNumber: string;
  /** CLP02 */
  readonly status: string;
  /** CLP03, CLP04, CLP05 */
  readonly charge: bigint;
  readonly paid: bigint;
  readonly patientResponsibility: bigint;
  /** CLP06 */
  readonly filing: string | null;
  /** CLP07 */
  readonly payerControlNumber: string | null;
  /** NM1 QC: personal data, kept sealed. */
  readonly patient: { readonly name: string | null; readonly memberId: string | null };
  readonly from: string | null;
  readonly to: string | null;
  readonly adjustments: readonly Adjustment[];
  readonly lines: readonly ServiceLine[];
  readonly remarks: readonly string[];
  readonly balanced: boolean;
}

export interface ServiceLine {
  readonly index: number;
  /** SVC01-1, SVC01-2, and modifiers */
  readonly qualifier: string | null;
  readonly procedure: string;
  readonly modifiers: readonly string[];
  readonly charge: bigint;
  readonly paid: bigint;
  /** SVC05, a decimal as it stands */
  readonly units: string | null;
  readonly servedOn: string | null;
  /** REF 6R */
  readonly controlNumber: string | null;
  readonly adjustments: readonly Adjustment[];
  readonly remarks: readonly string[];
  readonly balanced: boolean;
}

/** CAS: one triplet. */
export interface Adjustment {
  readonly group: string;
  readonly reason: string;
  readonly amount: bigint;
  readonly quantity: string | null;
}

/** PLB: one pair. Positive reduces the payment. */
export interface ProviderAdjustment {
  readonly providerId: string;
  readonly fiscalOn: string | null;
  readonly reason: string;
  readonly reference: string | null;
  readonly amount: bigint;
}

export type FaultCode =
  'remit_unbalanced' | 'remit_claim_unbalanced' | 'remit_service_unbalanced' | 'file_truncated' | 'envelope' | 'syntax';

export interface Fault {
  readonly code: FaultCode;
  readonly blocking: boolean;
  readonly claim?: number;
  readonly line?: number;
  readonly detail: string;
}
