import { Random } from '../random.ts';
import { dateOf, dayOf, monthsAfter } from './days.ts';
import type { Day } from './days.ts';

export interface PlannedCharge {
  readonly category: 'premium' | 'tax' | 'fee' | 'surcharge';
  readonly minor: bigint;
  readonly handling: 'proratable' | 'fully_earned' | 'flat';
}

/** What happens to a policy within the year, on a date of the clock. */
export type Change =
  | {
      readonly kind: 'endorsement';
      readonly on: Day;
      readonly effective: Day;
      readonly charges: readonly PlannedCharge[];
      readonly isAnnual: boolean;
    }
  | {
      readonly kind: 'cancellation';
      readonly on: Day;
      readonly effective: Day;
      readonly method: 'pro_rata' | 'short_rate_90' | 'flat';
    };

export interface Scenario {
  readonly index: number;
  readonly plan: keyof typeof plans;
  readonly currency: keyof typeof decimals;
  readonly zone: keyof typeof daysAhead;
  readonly start: Day;
  readonly end: Day;
  readonly charges: readonly PlannedCharge[];
  readonly change: Change | null;
}

/** Months between due dates, and how many there are at most. */
export const plans = {
  'full-pay': { months: 12, count: 1, down: false },
  '1year-semiannual': { months: 6, count: 2, down: false },
  '1year-quarterly': { months: 3, count: 4, down: false },
  '1year-monthly': { months: 1, count: 12, down: false },
  '20-down-9-monthly': { months: 1, count: 10, down: true },
} as const;

export const decimals = { USD: 2, EUR: 2, JPY: 0, KWD: 3 } as const;

/** By how many days the date of a zone is ahead of that of the clock, whose every day is noon in UTC. */
export const daysAhead = {
  UTC: 0,
  'America/New_York': 0,
  'Europe/Berlin': 0,
  'Asia/Tokyo': 0,
  'Pacific/Honolulu': 0,
  'Pacific/Auckland': 1,
  'Pacific/Kiritimati': 1,
} as const;

/** The clock walks every date from the last of January of a leap year to that of the next year. */
export const firstDay = dayOf('2024-01-31');
export const lastDay = dayOf('2025-01-31');

const starts = ['2023-12-31', '2024-01-29', '2024-01-30', '2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30'];
const namesOf = <K extends string>(of: Record<K, unknown>) => Object.keys(of) as K[];

export function scenarioOf(seed: number, index: number): Scenario {
  const random = new Random(seed + 7919 * index);
  const start = random.chance(0.6) ? dayOf(random.pick(starts)) : firstDay - 30 + random.below(120);
  const end = monthsAfter(start, 12);
  const currency = random.pick(namesOf(decimals));
  const scale = 10n ** BigInt(decimals[currency]);
  const premium = 60n + random.minor(2000n * scale);
  const charges: PlannedCharge[] = [{ category: 'premium', minor: premium, handling: 'proratable' }];
  if (random.chance(0.6))
    charges.push({ category: 'tax', minor: 1n + random.minor(premium / 7n), handling: 'proratable' });
  if (random.chance(0.3)) charges.push({ category: 'fee', minor: random.minor(30n * scale), handling: 'fully_earned' });
  if (random.chance(0.2)) charges.push({ category: 'surcharge', minor: random.minor(30n * scale), handling: 'flat' });
  const about = { index, plan: random.pick(namesOf(plans)), currency, zone: random.pick(namesOf(daysAhead)) };
  return { ...about, start, end, charges, change: changeOf(random, { start, end, premium }) };
}

function changeOf(random: Random, { start, end, premium }: { start: Day; end: Day; premium: bigint }): Change | null {
  const luck = random.next();
  if (luck < 0.4) return null;
  const on = firstDay + 5 + random.below(320);
  const wished = on - 40 + random.below(80);
  const effective = Math.min(Math.max(wished, start), end - 1);
  if (luck < 0.7) {
    const sign = luck < 0.55 ? 1n : -1n;
    const minor = () => sign * random.minor(premium / 2n);
    const charges: PlannedCharge[] = [{ category: 'premium', minor: minor(), handling: 'proratable' }];
    if (random.chance(0.4)) charges.push({ category: 'fee', minor: minor(), handling: 'fully_earned' });
    return { kind: 'endorsement', on, effective, charges, isAnnual: random.chance(0.4) };
  }
  const method = random.pick(['pro_rata', 'short_rate_90', 'flat']);
  return { kind: 'cancellation', on, effective: method === 'flat' ? start : effective, method };
}

/** How often the charge of an instalment fails before it succeeds. */
export function failuresOf(index: number, dueOn: string): number {
  const draw = new Random(index * 100_003 + dayOf(dueOn)).next();
  return draw < 0.06 ? 2 : draw < 0.16 ? 1 : 0;
}

export function textOf(minor: bigint, currency: Scenario['currency']): string {
  const digits = decimals[currency];
  const sign = minor < 0n ? '-' : '';
  const text = String(minor < 0n ? -minor : minor).padStart(digits + 1, '0');
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export function bodyOf({ index, plan, currency, zone, start, end, charges }: Scenario): Record<string, unknown> {
  return {
    ...{ policyNumber: `Y-${index}`, policyholderLocator: `PH-${index}`, currency, timeZone: zone, plan },
    ...{ effectiveDate: dateOf(start), expirationDate: dateOf(end), collection: 'automatic', paymentMethodId: 'pm-1' },
    charges: wireOf(charges, currency),
  };
}

export function transactionOf(change: Change, currency: Scenario['currency']): Record<string, unknown> {
  const effectiveDate = dateOf(change.effective);
  if (change.kind === 'cancellation') {
    const reason = change.method === 'flat' ? 'flat' : 'insured_request';
    return { type: 'cancellation', effectiveDate, reason, method: change.method };
  }
  return {
    ...{ type: 'endorsement', effectiveDate },
    [change.isAnnual ? 'annualised' : 'charges']: wireOf(change.charges, currency),
  };
}

function wireOf(charges: readonly PlannedCharge[], currency: Scenario['currency']) {
  return charges.map(({ category, minor, handling }) => ({ category, handling, amount: textOf(minor, currency) }));
}
