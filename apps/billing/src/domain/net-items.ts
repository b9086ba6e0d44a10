/** A part of what is billed, for one charge: negative where something is given back. */
export interface SignedLine {
  readonly chargeId: string;
  readonly category: string;
  readonly code: string | null;
  readonly amountMinor: bigint;
}

/**
 * The lines of a bill as its items, none of them negative: what is given back is taken off what it gives back, lines of
 * its own category first, the largest first. A line of nothing is no item.
 *
 * An item is what money is allocated to, and nobody can pay less than nothing.
 * @throws RangeError when more is given back than billed
 */
export function netItems<T extends SignedLine>(lines: readonly T[]): T[] {
  const left = lines.map((line) => ({ line, amountMinor: line.amountMinor }));
  const debts = left.filter(({ amountMinor }) => amountMinor > 0n);
  for (const credit of left.filter(({ amountMinor }) => amountMinor < 0n)) {
    const bySize = debts.toSorted((a, b) => rank(b, credit) - rank(a, credit) || compare(b.amountMinor, a.amountMinor));
    for (const debt of bySize) {
      const part = -credit.amountMinor < debt.amountMinor ? -credit.amountMinor : debt.amountMinor;
      credit.amountMinor += part;
      debt.amountMinor -= part;
    }
    if (credit.amountMinor < 0n) throw new RangeError('more is given back than billed');
  }
  return debts.flatMap(({ line, amountMinor }) => (amountMinor === 0n ? [] : [{ ...line, amountMinor }]));
}

interface Part {
  readonly line: SignedLine;
}

function rank(debt: Part, credit: Part): number {
  if (debt.line.chargeId === credit.line.chargeId) return 2;
  return debt.line.category === credit.line.category ? 1 : 0;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
