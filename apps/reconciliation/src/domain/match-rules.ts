import type { ReconSet } from './item.ts';

/** How two sides are found at each other, the surest first; reconciliation.md 5.3. */
export const matchPasses = [
  'reference',
  'second_reference',
  'group_sum',
  'amount_date',
  'tolerance',
  'party_day',
  'subset_sum',
] as const;
export type MatchPass = (typeof matchPasses)[number];

/** What nobody has to look at. All others are suggestions, however sure they seem. */
export const autoPasses: readonly MatchPass[] = ['reference', 'second_reference', 'group_sum', 'amount_date'];

export interface MatchRule {
  readonly pass: MatchPass;
  /** Confirmed by itself; only of `autoPasses`. */
  readonly auto: boolean;
  /** By how many days side B may be earlier or later than side A; null: any. */
  readonly daysBefore: number | null;
  readonly daysAfter: number | null;
  /** Of `amount_date`: up to this amount in minor units, and only where both sides name the same party. */
  readonly autoLimitMinor: number;
  /** Of `tolerance`: by how much the amounts may differ, in minor units. */
  readonly toleranceMinor: number;
}

export interface SetTraits {
  /** Both sides name the account they lie in, by the same names. */
  readonly isWithinAccount: boolean;
  /** A reference and the one who gave it are one name: TRN02 with TRN03. */
  readonly isTwoPart: boolean;
  /** Each reference is of one thing: the same one with another amount is a difference, not another thing. */
  readonly isReferenceUnique: boolean;
  /** Sets that look at the same lines of a bank: what is matched in one is withdrawn from the others. */
  readonly isOfBank: boolean;
}

const apart = { isWithinAccount: true, isTwoPart: false, isReferenceUnique: true, isOfBank: false };
const ofBank = { isWithinAccount: false, isTwoPart: false, isReferenceUnique: true, isOfBank: true };

export const setTraits: Readonly<Record<ReconSet, SetTraits>> = {
  settlement_item_payment: apart,
  settlement_batch_deposit: ofBank,
  ach_batch_deposit: { ...ofBank, isReferenceUnique: false },
  remittance_deposit: { ...ofBank, isTwoPart: true },
  claim_receivable: { ...apart, isReferenceUnique: false },
  return_payment: apart,
  deposit_invoice: ofBank,
};
export const reconSets = Object.keys(setTraits) as ReconSet[];
export const bankSets = reconSets.filter((set) => setTraits[set].isOfBank);

const rule = (pass: MatchPass, over: Partial<MatchRule> = {}): MatchRule => ({
  ...{ pass, auto: false, daysBefore: null, daysAfter: null, autoLimitMinor: 0, toleranceMinor: 0 },
  ...over,
});
const byReference = rule('reference', { auto: true });
const bySecondReference = rule('second_reference', { auto: true });
const bySum = rule('group_sum', { auto: true });
const byDay = (daysBefore: number, daysAfter: number) => rule('amount_date', { daysBefore, daysAfter });

/** Version 0, until somebody sets others. A bank shows money after it was sent, never before. */
export const defaultRules: Readonly<Record<ReconSet, readonly MatchRule[]>> = {
  settlement_item_payment: [byReference, bySecondReference],
  settlement_batch_deposit: [byReference, bySum, byDay(0, 5), rule('tolerance', window(0, 5, 500))],
  ach_batch_deposit: [rule('reference', { auto: true, daysBefore: 1, daysAfter: 5 }), byDay(1, 5)],
  remittance_deposit: [byReference, byDay(3, 3)],
  claim_receivable: [byReference, bySecondReference],
  return_payment: [byReference],
  deposit_invoice: [
    rule('reference'),
    byDay(60, 60),
    rule('party_day', window(60, 60, 0)),
    rule('subset_sum', window(60, 60, 0)),
  ],
};

function window(daysBefore: number, daysAfter: number, toleranceMinor: number): Partial<MatchRule> {
  return { daysBefore, daysAfter, toleranceMinor };
}

/** What is wrong with rules that somebody wants, by its place in the list. */
export function ruleFaults(rules: readonly MatchRule[]): { index: number; field: keyof MatchRule; detail: string }[] {
  return rules.flatMap(({ pass, auto, daysBefore, daysAfter, toleranceMinor }, index) => [
    ...(rules.findIndex((each) => each.pass === pass) < index
      ? [{ index, field: 'pass' as const, detail: 'stands in the list already' }]
      : []),
    ...(auto && !autoPasses.includes(pass)
      ? [{ index, field: 'auto' as const, detail: `must be false: ${pass} only suggests` }]
      : []),
    ...(needsWindow(pass) && (daysBefore === null || daysAfter === null)
      ? [{ index, field: 'daysAfter' as const, detail: `${pass} needs daysBefore and daysAfter` }]
      : []),
    ...(pass === 'tolerance' && toleranceMinor < 1
      ? [{ index, field: 'toleranceMinor' as const, detail: 'must be at least 1' }]
      : []),
  ]);
}

const needsWindow = (pass: MatchPass) => ['amount_date', 'tolerance', 'party_day', 'subset_sum'].includes(pass);
