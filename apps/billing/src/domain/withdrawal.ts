/** Where the money of a payment is, as far as it is still here. */
export interface Held {
  readonly unappliedMinor: bigint;
  readonly suspendedMinor: bigint;
  readonly allocatedMinor: bigint;
}

export interface TakenOut extends Held {
  /** What the payment does not hold any more, because it was given away before: never a negative balance. */
  readonly missingMinor: bigint;
}

/** Takes an amount out of what a payment holds: what pays nothing goes first, what pays a debt last. */
export function takeOut(amountMinor: bigint, held: Held): TakenOut {
  const unappliedMinor = least(amountMinor, held.unappliedMinor);
  const suspendedMinor = least(amountMinor - unappliedMinor, held.suspendedMinor);
  const allocatedMinor = least(amountMinor - unappliedMinor - suspendedMinor, held.allocatedMinor);
  const missingMinor = amountMinor - unappliedMinor - suspendedMinor - allocatedMinor;
  return { unappliedMinor, suspendedMinor, allocatedMinor, missingMinor };
}

/** The first of these rows that together hold the amount, and what the last of them holds beyond it. */
export function covering<T extends { readonly amountMinor: bigint }>(
  amountMinor: bigint,
  rows: readonly T[],
): { rows: T[]; spareMinor: bigint } {
  const covered: T[] = [];
  let left = amountMinor;
  for (const row of rows) {
    if (left <= 0n) break;
    covered.push(row);
    left -= row.amountMinor;
  }
  return { rows: covered, spareMinor: -left };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
