import { exponentOf } from '@quittance/money/currency';
import type { Money } from '@quittance/money/money';
import { negate } from '@quittance/money/money';
import type { Role } from './chart.ts';
import type { JournalLine } from './entry.ts';
import { DomainError } from './errors.ts';
import { line } from './lines.ts';

/** Why two sides are matched that do not come to the same. */
export const differenceReasons = ['fee', 'bank_charge', 'rounding'] as const;
export type DifferenceReason = (typeof differenceReasons)[number];

export interface Side {
  readonly id: string;
  readonly set: string;
  readonly side: 'A' | 'B';
  readonly amount: Money;
  readonly state: 'open' | 'matched' | 'withdrawn';
}

export interface MatchLimits {
  /** Above it a second person confirms; in hundredths of a currency's unit, whatever its own smallest one is. */
  readonly fourEyesAbove: bigint;
  /** A difference above it needs the second person, too. */
  readonly differenceAbove: bigint;
}

export interface Balance {
  /** What side A comes to. */
  readonly amount: Money;
  /** A less B. */
  readonly diffMinor: bigint;
  readonly aItems: readonly string[];
  readonly bItems: readonly string[];
}

/**
 * What a person wants to be one match: whole items of one set and currency, on both sides, all of them open, and a
 * reason where the sides differ.
 * @throws DomainError `match_not_possible`, `item_not_open`, `match_unbalanced`
 */
export function weigh(wanted: readonly string[], found: readonly Side[], reason: DifferenceReason | null): Balance {
  const known = new Map(found.map((side) => [side.id, side]));
  const unknown = wanted.findIndex((id) => !known.has(id));
  if (unknown !== -1) throw impossible('There is no such item.', `/items/${unknown}`);
  const [first] = found;
  const other = wanted.findIndex((id) => known.get(id)?.set !== first?.set);
  if (other !== -1) throw impossible('All items of a match are of one set.', `/items/${other}`);
  const foreign = wanted.findIndex((id) => known.get(id)?.amount.currency !== first?.amount.currency);
  if (foreign !== -1) throw impossible('All items of a match have one currency.', `/items/${foreign}`);
  const taken = wanted.findIndex((id) => known.get(id)?.state !== 'open');
  if (taken !== -1) throw notOpen(known.get(wanted[taken]!)!, `/items/${taken}`);
  return balanceOf(found, reason);
}

function balanceOf(found: readonly Side[], reason: DifferenceReason | null): Balance {
  const sides = { A: found.filter(({ side }) => side === 'A'), B: found.filter(({ side }) => side === 'B') };
  if (sides.A.length === 0 || sides.B.length === 0) throw impossible('A match has items of both sides.', '/items');
  const sum = (of: readonly Side[]) => of.reduce((total, { amount }) => total + amount.minor, 0n);
  const diffMinor = sum(sides.A) - sum(sides.B);
  if ((diffMinor === 0n) !== (reason === null)) {
    const detail =
      diffMinor === 0n ? 'must be absent: both sides come to the same' : `must say why A is ${diffMinor} more`;
    throw new DomainError('match_unbalanced', 'The sides do not come to the same.', {
      errors: [{ pointer: '/differenceReason', detail: `${detail}, in minor units` }],
    });
  }
  const amount = { minor: sum(sides.A), currency: found[0]!.amount.currency };
  const ids = (of: readonly Side[]) => of.map(({ id }) => id);
  return { amount, diffMinor, aItems: ids(sides.A), bItems: ids(sides.B) };
}

export function needsSecondPerson({ amount, diffMinor }: Balance, limits: MatchLimits): boolean {
  const unit = 10n ** BigInt(exponentOf(amount.currency));
  const exceeds = (minor: bigint, limit: bigint) => magnitude(minor) * 100n > limit * unit;
  return exceeds(amount.minor, limits.fourEyesAbove) || exceeds(diffMinor, limits.differenceAbove);
}

const expenses: Readonly<Record<DifferenceReason, Role>> = {
  fee: 'processor_fees',
  bank_charge: 'bank_fees',
  rounding: 'small_balances',
};

/** What the bank showed less than was expected: Dr the expense, Cr the bank, which was booked as expected. */
export function differenceBooked(difference: Money, reason: DifferenceReason): JournalLine[] {
  return [line(expenses[reason], difference, {}), line('premium_trust_bank', negate(difference), {})];
}

const magnitude = (minor: bigint) => (minor < 0n ? -minor : minor);
const impossible = (detail: string, pointer: string) =>
  new DomainError('match_not_possible', detail, { errors: [{ pointer, detail }] });
const notOpen = ({ id, state }: Side, pointer: string) =>
  new DomainError('item_not_open', `Item ${id} is ${state}.`, { errors: [{ pointer, detail: `is ${state}` }] });
