import type { BankStatement, StatementState } from '../domain/bank-statement.ts';

/** A statement as it is stored; its lines are read by the page. */
export interface StoredStatement extends Omit<BankStatement, 'lines' | 'account'> {
  readonly id: string;
  readonly tenantId: string;
  readonly fileId: string;
  readonly account: { readonly id: string; readonly number: string; readonly bank: string | null };
  readonly format: string;
  readonly movement: bigint;
  readonly lines: number;
  readonly state: StatementState;
  readonly acceptedReason: string | null;
  readonly receivedAt: Date;
}
