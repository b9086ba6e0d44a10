/** More than these make some subset of them hit almost any amount by chance. */
export const SUBSET_ITEMS_MAX = 12;

/**
 * The one subset of at least two amounts that comes to `target`; null when there is none, or more than one, or too many
 * amounts to believe either.
 * @returns positions in `amounts`
 */
export function uniqueSubset(amounts: readonly bigint[], target: bigint): number[] | null {
  if (amounts.length > SUBSET_ITEMS_MAX) return null;
  let found: number | null = null;
  for (let subset = 1; subset < 1 << amounts.length; subset += 1) {
    if (isSingle(subset) || sumOf(amounts, subset) !== target) continue;
    if (found !== null) return null;
    found = subset;
  }
  if (found === null) return null;
  const members = found;
  return amounts.map((_, n) => n).filter((n) => (members & (1 << n)) !== 0);
}

const isSingle = (subset: number) => (subset & (subset - 1)) === 0;

function sumOf(amounts: readonly bigint[], subset: number): bigint {
  let sum = 0n;
  for (const [n, amount] of amounts.entries()) if ((subset & (1 << n)) !== 0) sum += amount;
  return sum;
}
