/** An ACH file as it was read. Amounts in cents; names and account numbers are left where they stand. */
export interface NachaFile {
  /** File creation date, 'YYYY-MM-DD'. */
  readonly createdOn: string | null;
  readonly batches: readonly NachaBatch[];
  readonly entries: number;
  readonly addenda: number;
  readonly debit: bigint;
  readonly credit: bigint;
  /** What does not add up, or is missing: none of it keeps a return from being a return. */
  readonly warnings: readonly NachaWarning[];
}

export interface NachaBatch {
  readonly index: number;
  /** From its header; null where the file has none. */
  readonly header: BatchHeader | null;
  readonly entries: readonly NachaEntry[];
}

export interface BatchHeader {
  readonly companyId: string;
  /** CCD, PPD, WEB, COR, … */
  readonly entryClass: string;
  readonly description: string;
  /** Effective entry date, 'YYYY-MM-DD'; null where it is blank or no date. */
  readonly effectiveOn: string | null;
  readonly odfi: string;
  readonly number: number;
}

export interface NachaEntry {
  /** Which record of the file, from 1. */
  readonly record: number;
  readonly direction: 'debit' | 'credit';
  readonly amount: bigint;
  /** The originator's own name of it. */
  readonly identification: string;
  readonly trace: string;
  readonly addenda: readonly Addendum[];
}

export type Addendum = PaymentInformation | ReturnAddendum | ChangeAddendum;

/** Type 05: with a CCD+ of a health plan it holds the TRN segment of its 835. */
export interface PaymentInformation {
  readonly type: '05';
  readonly trn: { readonly trn02: string; readonly trn03: string } | null;
}

/** Type 99: R01 to R85; a dishonoured or contested return also says which return it answers. */
export interface ReturnAddendum {
  readonly type: '99';
  readonly code: string;
  readonly originalTrace: string;
  /** The return that is dishonoured, and its code. */
  readonly returnTrace: string | null;
  readonly returnCode: string | null;
}

/** Type 98: C01 to C14. What is corrected is account data, so it is not read. */
export interface ChangeAddendum {
  readonly type: '98';
  readonly code: string;
  readonly originalTrace: string;
}

export interface NachaWarning {
  readonly code:
    | 'no_file_header'
    | 'no_file_control'
    | 'no_batch_header'
    | 'no_batch_control'
    | 'entry_count'
    | 'entry_hash'
    | 'batch_count'
    | 'totals'
    | 'record_length';
  /** Which record of the file, from 1. */
  readonly record: number;
  readonly detail: string;
}
