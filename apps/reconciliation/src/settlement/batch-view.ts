export const batchStates = ['balanced', 'unbalanced'] as const;

export interface BatchFilter {
  readonly state?: (typeof batchStates)[number] | undefined;
  readonly payoutReference?: string | undefined;
  /** Batches older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

export interface BatchView {
  readonly id: string;
  readonly processor: string;
  readonly payoutRef: string;
  readonly kind: 'automatic' | 'manual';
  readonly state: (typeof batchStates)[number];
  readonly currency: string;
  readonly items: number;
  readonly gross: bigint;
  readonly fees: bigint;
  readonly refunds: bigint;
  readonly disputes: bigint;
  readonly other: bigint;
  readonly net: bigint;
  readonly offBy: bigint;
  readonly arrivalOn: string;
  readonly fileId: string;
  /** Whether the bank has shown it. */
  readonly isInBank: boolean;
  readonly createdAt: Date;
}

export interface LineView {
  readonly id: string;
  readonly processorTxn: string;
  readonly category: string;
  readonly reportedCategory: string;
  readonly currency: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly net: bigint;
  readonly reference: string | null;
  readonly paymentLocator: string | null;
  readonly datedOn: string;
}
