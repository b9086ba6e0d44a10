/**
 * What a bank says of an account, whatever the format. A statement is final; an interim report (camt.052, MT942) and a
 * notification (camt.054) say early what the statement says again.
 */
export type StatementKind = 'statement' | 'interim' | 'notification';

export interface BankStatement {
  readonly kind: StatementKind;
  /** As the bank writes it, without spaces. */
  readonly account: { readonly number: string; readonly bank: string | null };
  /** The bank's own number of it, 'n' or 'n/page', and its name. */
  readonly sequence: string | null;
  readonly reference: string | null;
  /** 'YYYY-MM-DD' */
  readonly from: string | null;
  readonly to: string;
  readonly currency: string;
  /** In minor units, negative when overdrawn; null where the format or the bank does not say. */
  readonly opening: bigint | null;
  readonly closing: bigint | null;
  readonly lines: readonly BankLine[];
  /** What contradicts itself: holds the statement. */
  readonly faults: readonly string[];
  /** What is odd, and harms nothing. */
  readonly warnings: readonly string[];
}

export interface BankLine {
  /** In minor units; what leaves the account is negative. */
  readonly amount: bigint;
  readonly currency: string;
  readonly bookedOn: string;
  readonly valueOn: string | null;
  readonly references: References;
  /** In the words of its format: a BAI2 type, a domain/family/sub-family, a SWIFT type. */
  readonly typeCode: string | null;
  readonly text: string;
  /** It takes back an earlier one; its sign says which way. */
  readonly reversal: boolean;
  /** Announced, not booked: counts nowhere. */
  readonly pending: boolean;
  /** For a part of a batch booking, the line that holds the whole: in the same statement, before it. */
  readonly parent: number | null;
  /** The trace of an 835, as the payer's CCD+ carried it. */
  readonly trn02: string | null;
  readonly trn03: string | null;
}

export interface References {
  readonly endToEnd: string | null;
  readonly creditor: string | null;
  readonly bank: string | null;
  readonly customer: string | null;
  readonly check: string | null;
  readonly batch: string | null;
}

export const noReferences: References = {
  ...{ endToEnd: null, creditor: null, bank: null },
  ...{ customer: null, check: null, batch: null },
};

/** balanced: proven. unproven: a balance is missing. unbalanced: held, until a person accepts it. */
export type StatementState = 'balanced' | 'unproven' | 'unbalanced' | 'accepted';

export interface TieOut {
  readonly state: Exclude<StatementState, 'accepted'>;
  /** Of what is booked, without the parts of batch bookings. */
  readonly movement: bigint;
  readonly faults: readonly string[];
}

export function isBooked(line: BankLine): boolean {
  return !line.pending && line.parent === null;
}

/** Opening and what is booked must be the closing, and every batch the sum of its parts. */
export function tieOut(statement: BankStatement): TieOut {
  const { opening, closing, lines, currency } = statement;
  const booked = lines.filter(isBooked);
  const movement = booked.reduce((sum, { amount }) => sum + amount, 0n);
  const foreign = booked.find((line) => line.currency !== currency);
  const faults = [
    ...statement.faults,
    ...(foreign ? [`a line is in ${foreign.currency}, the statement in ${currency}`] : []),
    ...batchFaults(lines),
  ];
  const isProvable = opening !== null && closing !== null;
  if (isProvable && opening + movement !== closing)
    faults.push(`opening ${opening} and lines of ${movement} are not the closing ${closing}, in minor units`);
  const state = faults.length > 0 ? 'unbalanced' : isProvable ? 'balanced' : 'unproven';
  return { state, movement, faults };
}

/** Parts in a currency of their own are what was instructed, not what was booked: they prove nothing. */
function batchFaults(lines: readonly BankLine[]): string[] {
  const parts = Map.groupBy(
    lines.filter(({ parent }) => parent !== null),
    ({ parent }) => parent!,
  );
  return [...parts].flatMap(([parent, details]) => {
    const { amount, currency } = lines[parent]!;
    if (details.some((detail) => detail.currency !== currency)) return [];
    const sum = details.reduce((total, detail) => total + detail.amount, 0n);
    return sum === amount ? [] : [`line ${parent + 1} is ${amount}, its ${details.length} parts are ${sum}`];
  });
}
