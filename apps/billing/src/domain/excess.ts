/** Which debts keep unapplied money back before any of it is paid out. Each includes those before it. */
export const excludedDebits = ['none', 'pastDueInvoices', 'allInvoices', 'invoicesAndUnbilledInstalments'] as const;
export type ExcludedDebits = (typeof excludedDebits)[number];

/** What becomes of money that a policy has too much of. */
export interface ExcessPlan {
  readonly disburseExcess: boolean;
  readonly excludeDebits: ExcludedDebits;
  /** Less than this stays, by currency: minor units. It is the payer's all the same, and never income. */
  readonly floors: ReadonlyMap<string, bigint>;
}

export const defaultExcessPlan: ExcessPlan = { disburseExcess: false, excludeDebits: 'none', floors: new Map() };

/** What the owner of unapplied money owes. */
export interface Debts {
  readonly pastDueMinor: bigint;
  /** Of invoices that are not past due. */
  readonly openMinor: bigint;
  readonly unbilledMinor: bigint;
}

/** What of unapplied money is to be paid out. */
export function excessOf(unappliedMinor: bigint, currency: string, debts: Debts, plan: ExcessPlan): bigint {
  if (!plan.disburseExcess) return 0n;
  const excess = unappliedMinor - keptFor[plan.excludeDebits](debts);
  const floor = plan.floors.get(currency) ?? 0n;
  return excess > 0n && excess >= floor ? excess : 0n;
}

const keptFor: Record<ExcludedDebits, (debts: Debts) => bigint> = {
  none: () => 0n,
  pastDueInvoices: ({ pastDueMinor }) => pastDueMinor,
  allInvoices: ({ pastDueMinor, openMinor }) => pastDueMinor + openMinor,
  invoicesAndUnbilledInstalments: ({ pastDueMinor, openMinor, unbilledMinor }) =>
    pastDueMinor + openMinor + unbilledMinor,
};
