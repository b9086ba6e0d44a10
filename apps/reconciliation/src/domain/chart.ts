export type AccountType = 'asset' | 'liability' | 'revenue' | 'expense';

export interface Account {
  readonly code: string;
  readonly role: string;
  readonly type: AccountType;
}

/** What was ever debited and credited to an account, in minor units. */
export interface AccountBalance {
  readonly currency: string;
  readonly account: string;
  readonly debit: bigint;
  readonly credit: bigint;
}

const accounts = [
  { code: '1010', role: 'operating_cash', type: 'asset' },
  { code: '1020', role: 'premium_trust_bank', type: 'asset' },
  { code: '1100', role: 'clearing_card', type: 'asset' },
  { code: '1110', role: 'clearing_ach', type: 'asset' },
  { code: '1120', role: 'clearing_lockbox', type: 'asset' },
  { code: '1130', role: 'era_clearing', type: 'asset' },
  { code: '1150', role: 'payouts_in_transit', type: 'asset' },
  { code: '1200', role: 'premium_receivable', type: 'asset' },
  { code: '1205', role: 'fee_receivable', type: 'asset' },
  { code: '1210', role: 'partner_receivable', type: 'asset' },
  { code: '1230', role: 'claim_receivable', type: 'asset' },
  { code: '1240', role: 'patient_receivable', type: 'asset' },
  { code: '1400', role: 'chargeback_receivable', type: 'asset' },
  { code: '2010', role: 'unearned_premium', type: 'liability' },
  { code: '2020', role: 'payable_to_carrier', type: 'liability' },
  { code: '2100', role: 'unapplied_cash', type: 'liability' },
  { code: '2110', role: 'unidentified_receipts', type: 'liability' },
  { code: '2150', role: 'deferred_commission', type: 'liability' },
  { code: '2200', role: 'commission_payable', type: 'liability' },
  { code: '2300', role: 'taxes_payable', type: 'liability' },
  { code: '2310', role: 'refunds_payable', type: 'liability' },
  { code: '2320', role: 'unclaimed_property', type: 'liability' },
  { code: '2400', role: 'payer_recoupment', type: 'liability' },
  { code: '4010', role: 'earned_premium', type: 'revenue' },
  { code: '4020', role: 'policy_fees', type: 'revenue' },
  { code: '4030', role: 'service_fees', type: 'revenue' },
  { code: '4100', role: 'commission_income', type: 'revenue' },
  { code: '4200', role: 'service_revenue', type: 'revenue' },
  { code: '4210', role: 'contractual_adjustments', type: 'revenue' },
  { code: '4300', role: 'interest_income', type: 'revenue' },
  { code: '5010', role: 'commission_expense', type: 'expense' },
  { code: '5110', role: 'processor_fees', type: 'expense' },
  { code: '5125', role: 'chargeback_fees', type: 'expense' },
  { code: '5130', role: 'premium_write_off', type: 'expense' },
  { code: '5135', role: 'small_balances', type: 'expense' },
  { code: '5140', role: 'bank_fees', type: 'expense' },
] as const satisfies readonly Account[];

/** What an account is for. Posting rules name roles; only this table knows numbers. */
export type Role = (typeof accounts)[number]['role'];

/** The chart of accounts, of a carrier's books and of an agency's. A tenant gets its own copy with its first entry. */
export const chart: readonly Account[] = accounts;

const codes = Object.fromEntries(accounts.map(({ role, code }) => [role, code])) as Record<Role, string>;

export function accountOf(role: Role): string {
  return codes[role];
}
