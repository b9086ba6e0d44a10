import { formatAmount } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import { toWire } from '@quittance/money/wire';
import type { NewEvent } from '@quittance/service-kit/messaging/outbox';
import { noSums } from '../domain/remittance-rules.ts';
import type { RemittanceSums } from '../domain/remittance-rules.ts';
import type { Fault } from '../x12/remittance.ts';

export const remittanceStates = ['received', 'held', 'posted', 'void'] as const;
export type RemittanceState = (typeof remittanceStates)[number];

/** An 835 as it is stored. */
export interface StoredRemittance {
  readonly tenantId: string;
  readonly id: string;
  readonly fileId: string;
  readonly payer: { readonly name: string | null; readonly id: string | null };
  readonly payee: { readonly name: string | null; readonly id: string };
  readonly handling: string;
  readonly method: string;
  readonly amount: Money;
  readonly paidOn: string;
  readonly producedOn: string | null;
  readonly traceNumber: string;
  readonly originator: string;
  readonly claims: number;
  readonly isBalanced: boolean;
  readonly faults: readonly Fault[];
  readonly sums: RemittanceSums;
  readonly conflictsWith: string | null;
  readonly state: RemittanceState;
  readonly stateReason: string | null;
  readonly version: number;
  readonly createdAt: Date;
}

export const COLUMNS = `r.tenant_id, r.id, r.file_id, r.payer_name, r.payer_id, r.payee_name, r.payee_id, r.handling,
  r.method, r.currency, r.amount_minor, r.paid_on, r.produced_on, r.trace_number, r.originator, r.claims, r.is_balanced,
  r.faults, r.sums, r.conflicts_with, r.state, r.state_reason, r.version, r.created_at`;

export interface RemittanceRow {
  tenant_id: string;
  id: string;
  file_id: string;
  payer_name: string | null;
  payer_id: string | null;
  payee_name: string | null;
  payee_id: string;
  handling: string;
  method: string;
  currency: string;
  amount_minor: string;
  paid_on: string;
  produced_on: string | null;
  trace_number: string;
  originator: string;
  claims: number;
  is_balanced: boolean;
  faults: Fault[];
  sums: Partial<Record<keyof RemittanceSums, string>>;
  conflicts_with: string | null;
  state: RemittanceState;
  state_reason: string | null;
  version: number;
  created_at: Date;
}

export function remittanceOf(row: RemittanceRow): StoredRemittance {
  return {
    ...{ tenantId: row.tenant_id, id: row.id, fileId: row.file_id, handling: row.handling, method: row.method },
    payer: { name: row.payer_name, id: row.payer_id },
    payee: { name: row.payee_name, id: row.payee_id },
    amount: { minor: BigInt(row.amount_minor), currency: row.currency },
    ...{ paidOn: row.paid_on, producedOn: row.produced_on },
    ...{ traceNumber: row.trace_number, originator: row.originator, claims: row.claims },
    ...{ isBalanced: row.is_balanced, faults: row.faults, sums: sumsOf(row.sums), conflictsWith: row.conflicts_with },
    ...{ state: row.state, stateReason: row.state_reason, version: row.version, createdAt: row.created_at },
  };
}

export function sumsOf(stored: RemittanceRow['sums']): RemittanceSums {
  const entries = Object.keys(noSums).map((name) => [name, BigInt(stored[name as keyof RemittanceSums] ?? '0')]);
  return Object.fromEntries(entries) as RemittanceSums;
}

/** As jsonb keeps them: a number would lose cents. */
export const sumsText = (sums: RemittanceSums): string =>
  JSON.stringify(Object.fromEntries(Object.entries(sums).map(([name, minor]) => [name, String(minor)])));

/** Ids, amounts and the numbers by which money is found: nothing of patients. */
export function remittanceEvent(
  type: 'remittance.received' | 'remittance.posted' | 'remittance.held',
  remittance: StoredRemittance,
  time: Date,
): NewEvent {
  const { tenantId, id, fileId, amount, claims, traceNumber, originator, paidOn, state, version } = remittance;
  const data = {
    ...{ remittanceId: id, fileId, traceNumber, originator, amount: toWire(amount), paidOn, claims, state },
    ...(remittance.payer.id === null ? {} : { payerId: remittance.payer.id }),
  };
  return { type, tenantId, subject: id, sequence: version, data, time };
}

export const amountText = ({ amount }: StoredRemittance): string => formatAmount(amount);
