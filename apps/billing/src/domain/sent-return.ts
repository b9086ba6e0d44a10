import { formatAmount } from '@quittance/money/money';
import type { Charge } from './charge.ts';
import type { FieldProblem } from './errors.ts';

export type NamedAmount = Pick<Charge, 'category' | 'code' | 'amountMinor'>;

/**
 * Compares the return charges a policy system sent with ours, by category and code: it may send one for several of the
 * policy's charges. Each one may be a minor unit off, for systems round at different points, and none may be missing.
 */
export function sentProblems(
  sent: readonly NamedAmount[],
  computed: readonly NamedAmount[],
  currency: string,
): FieldProblem[] {
  const ours = sums(computed);
  const theirs = sums(sent);
  const show = (minor: bigint) => `${formatAmount({ minor, currency })} ${currency}`;
  const problems = [...theirs].flatMap(([name, { amountMinor, count, first }]): FieldProblem[] => {
    const expected = ours.get(name)?.amountMinor ?? 0n;
    return isWithin(amountMinor - expected, count)
      ? []
      : [
          {
            pointer: `/charges/${first}/amount`,
            detail: `${name} comes to ${show(expected)}, not ${show(amountMinor)}`,
          },
        ];
  });
  for (const [name, { amountMinor }] of ours) {
    if (theirs.has(name) || isWithin(amountMinor, 1)) continue;
    problems.push({ pointer: '/charges', detail: `${name} of ${show(amountMinor)} is missing` });
  }
  return problems;
}

interface Sum {
  readonly amountMinor: bigint;
  readonly count: number;
  /** Where the first of them is in the list. */
  readonly first: number;
}

function sums(charges: readonly NamedAmount[]): Map<string, Sum> {
  const byName = new Map<string, Sum>();
  for (const [index, { category, code, amountMinor }] of charges.entries()) {
    const name = code === null ? category : `${category} ${code}`;
    const sum = byName.get(name) ?? { amountMinor: 0n, count: 0, first: index };
    byName.set(name, { ...sum, amountMinor: sum.amountMinor + amountMinor, count: sum.count + 1 });
  }
  return byName;
}

function isWithin(difference: bigint, units: number): boolean {
  return (difference < 0n ? -difference : difference) <= BigInt(units);
}
