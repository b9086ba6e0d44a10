export const transactionTypes = [
  'issue',
  'endorsement',
  'cancellation',
  'reinstatement',
  'renewal',
  'invalidation',
  'plan_change',
] as const;
export type TransactionType = (typeof transactionTypes)[number];
