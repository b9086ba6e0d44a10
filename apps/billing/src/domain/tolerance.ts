/** How little may be missing on an invoice for it to count as paid, by currency: minor units, inclusive. */
export type Tolerances = ReadonlyMap<string, bigint>;

/** What is forgiven of the rest that a payment left: all of it or nothing. Without a payment nothing is forgiven. */
export function forgivenOf(balanceMinor: bigint, currency: string, tolerances: Tolerances): bigint {
  const tolerated = tolerances.get(currency) ?? 0n;
  return balanceMinor > 0n && balanceMinor <= tolerated ? balanceMinor : 0n;
}
