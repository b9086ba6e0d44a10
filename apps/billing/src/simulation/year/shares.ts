import { Fraction } from './fraction.ts';

export function sum(parts: readonly bigint[]): bigint {
  return parts.reduce((total, part) => total + part, 0n);
}

/** Equal parts in whole units, of which the first ones take what cannot be divided. */
export function shares(total: bigint, count: number): bigint[] {
  const exact = Fraction.of(total, count);
  const least = exact.floor();
  const odd = exact.minus(Fraction.of(least)).times(Fraction.of(count)).floor();
  return Array.from({ length: count }, (_, n) => least + (BigInt(n) < odd ? 1n : 0n));
}

interface Reduced {
  readonly left: bigint[];
  /** What could not be taken off. */
  readonly credit: bigint;
}

/** An amount off debts, evenly; what one does not hold is taken off the others, evenly again. */
export function reducedEvenly(held: readonly bigint[], amount: bigint): Reduced {
  const left = [...held];
  let credit = amount;
  while (credit > 0n) {
    const able = left.flatMap((each, n) => (each > 0n ? [n] : []));
    if (able.length === 0) break;
    for (const [nth, part] of shares(credit, able.length).entries()) {
      const taken = part < left[able[nth]!]! ? part : left[able[nth]!]!;
      left[able[nth]!]! -= taken;
      credit -= taken;
    }
  }
  return { left, credit };
}

/** The last ones first. */
export function reducedFromLast(held: readonly bigint[], amount: bigint): Reduced {
  const left = [...held];
  let credit = amount;
  for (let n = left.length - 1; n >= 0 && credit > 0n; n--) {
    const taken = credit < left[n]! ? credit : left[n]!;
    left[n]! -= taken;
    credit -= taken;
  }
  return { left, credit };
}
