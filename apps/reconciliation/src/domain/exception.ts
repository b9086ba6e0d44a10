/** Every kind of work that reconciliation leaves to a person. Closed: each has its due time here. */
export const exceptionTypes = {
  file_truncated: { dueHours: 4 },
  remit_unbalanced: { dueHours: 24 },
  remit_claim_unbalanced: { dueHours: 24 },
  remit_service_unbalanced: { dueHours: 24 },
  remit_conflict: { dueHours: 24 },
  era_without_eft: { dueHours: 120 },
  eft_without_era: { dueHours: 120 },
  reversal_without_original: { dueHours: 240 },
  plb_carry_open: { dueHours: 240 },
  predetermination_paid: { dueHours: 240 },
  statement_unbalanced: { dueHours: 24 },
  statement_gap: { dueHours: 24 },
  statement_duplicate: { dueHours: 24 },
  payout_unbalanced: { dueHours: 48 },
  payout_not_in_bank: { dueHours: 48 },
  settlement_item_unknown: { dueHours: 48 },
  payment_not_settled: { dueHours: 48 },
  deposit_unidentified: { dueHours: 120 },
  amount_mismatch: { dueHours: 48 },
  duplicate_payment: { dueHours: 48 },
  return_unmatched: { dueHours: 24 },
  unknown_return_code: { dueHours: 24 },
  return_after_close: { dueHours: 24 },
  fee_variance: { dueHours: 240 },
  fee_in_trust: { dueHours: 24 },
  suspense_aged: { dueHours: 120 },
  ledger_integrity: { dueHours: 0 },
} as const;

export type ExceptionType = keyof typeof exceptionTypes;

/** What is wrong with what, in words without personal data. */
export interface Finding {
  readonly tenantId: string;
  readonly type: ExceptionType;
  readonly subject: { readonly type: string; readonly id: string };
  readonly detail: string;
  /** In minor units, where it is about money. */
  readonly amount?: { readonly minor: bigint; readonly currency: string };
}
