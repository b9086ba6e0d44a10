/** What is matched with what; reconciliation.md 5.2. */
export type ReconSet =
  | 'settlement_item_payment' // S1: A a line of a processor's report, B a payment
  | 'settlement_batch_deposit' // S2: A a payout, B a line of a bank statement
  | 'ach_batch_deposit' // S3
  | 'remittance_deposit' // S4: A an 835, B a line of a bank statement or of a CCD+ file
  | 'claim_receivable' // S5: A a remittance's claim, B an imported claim
  | 'return_payment' // S6
  | 'deposit_invoice'; // S7

/** One side of a match, as large as what is open of it. */
export interface NewItem {
  readonly tenantId: string;
  readonly set: ReconSet;
  readonly side: 'A' | 'B';
  readonly source: { readonly type: string; readonly id: string };
  /** Bank account, processor account or payee within which both sides must lie. */
  readonly account: string;
  readonly currency: string;
  /** In minor units; money that goes out is negative on both sides. */
  readonly amount: bigint;
  /** 'YYYY-MM-DD' */
  readonly datedOn: string;
  readonly reference?: string | null;
  readonly secondReference?: string | null;
  readonly batchReference?: string | null;
  /** A name to compare, never of a patient. */
  readonly party?: string | null;
}

/** References compare without case, punctuation and leading zeros. */
export function normalReference(text: string | null | undefined): string | null {
  const plain = (text ?? '')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .replace(/^0+/, '');
  return plain === '' ? null : plain;
}
