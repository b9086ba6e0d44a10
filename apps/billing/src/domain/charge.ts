export const chargeCategories = ['premium', 'tax', 'fee', 'surcharge'] as const;
export type ChargeCategory = (typeof chargeCategories)[number];

/**
 * proratable    split over the instalments, given back in part when the term ends early
 * fully_earned  whole on the first instalment, kept when the term ends early
 * flat          whole on the first instalment, given back only when there never was cover
 */
export const chargeHandlings = ['proratable', 'fully_earned', 'flat'] as const;
export type ChargeHandling = (typeof chargeHandlings)[number];

export interface Charge {
  readonly category: ChargeCategory;
  readonly code: string | null;
  readonly amountMinor: bigint;
  readonly handling: ChargeHandling;
}

/** What a charge is where nobody says: a fee pays for work that is done, the rest for cover that is yet to come. */
export function defaultHandling(category: ChargeCategory): ChargeHandling {
  return category === 'fee' ? 'fully_earned' : 'proratable';
}

/** All the instalment fees of a schedule: earned as its instalments are billed, and no premium. */
export function instalmentFee(amountMinor: bigint): Charge {
  return { category: 'fee', code: 'instalment_fee', amountMinor, handling: 'fully_earned' };
}

export function isSpread(charge: Charge): boolean {
  return charge.handling === 'proratable';
}

export function totalOf(charges: readonly Charge[]): bigint {
  return charges.reduce((total, { amountMinor }) => total + amountMinor, 0n);
}
