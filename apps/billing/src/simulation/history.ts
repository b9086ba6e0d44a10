import { addDays, addMonths } from '../domain/calendar.ts';
import type { Charge } from '../domain/charge.ts';
import { DomainError } from '../domain/errors.ts';
import type { Account } from './account.ts';
import { rulesWith } from './bugs.ts';
import type { Bug } from './bugs.ts';
import { issue } from './issuing.ts';
import { violations } from './invariants.ts';
import { plans } from './plans.ts';
import { Random } from './random.ts';
import { steps } from './steps.ts';
import { emptyTally } from './tally.ts';
import type { Tally } from './tally.ts';

const stepsMax = 10;
const starts = ['2023-08-31', '2024-01-31', '2024-02-29', '2023-12-15', '2023-11-30', '2024-03-01'] as const;
const currencies = [
  { currency: 'USD', scale: 100n },
  { currency: 'JPY', scale: 1n },
  { currency: 'KWD', scale: 1000n },
] as const;

/**
 * One history: a policy is issued, and then anything that may happen to it does: it is changed, ended, taken up again
 * and renewed, time passes, money comes, goes to what is owed, and goes again.
 * @returns what is not true at the first step that breaks something; nothing, if the rules are right
 */
export function simulate(seed: number, bug: Bug | null = null, tally: Tally = emptyTally()): string[] {
  const random = new Random(seed);
  tally.histories++;
  const begun = attempt(() => begin(random, bug, tally), tally);
  if (begun === null) return [];
  if ('broken' in begun) return begun.broken;
  const { account, violated } = begun;
  const found = [...violated, ...violations(account)];
  for (let n = 3 + random.below(stepsMax - 2); n > 0 && found.length === 0; n--) {
    tally.steps++;
    const name = random.pick(weighted);
    const done = attempt(() => ({ found: steps[name].take(account, random) }), tally);
    if (done === null) continue;
    const broken = 'broken' in done ? done.broken : [...done.found, ...violations(account)];
    found.push(...broken.map((each) => `${name}: ${each}`));
  }
  return found;
}

/** A refusal changes nothing; anything else that is thrown is a fault. */
function attempt<T extends object>(work: () => T, tally: Tally): T | { broken: string[] } | null {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DomainError)) return { broken: [String(error)] };
    if (error.code === 'invalid_transition' && !isRefusal(error)) return { broken: [String(error)] };
    tally.refused++;
    return null;
  }
}

/** Of a whole transaction; that a debt may not move like that is a fault of ours. */
function isRefusal({ message }: DomainError): boolean {
  return !/^An? (invoice|instalment|schedule) that is/.test(message);
}

function begin(random: Random, bug: Bug | null, tally: Tally): { account: Account; violated: string[] } {
  const start = random.pick(starts);
  const cover = { start, end: addMonths(start, random.chance(0.25) ? 6 : 12) };
  const { currency, scale } = random.pick(currencies);
  const plan = random.pick(plans);
  const today = addDays(start, random.below(40) - 20);
  return issue({ plan, currency, cover, today, charges: charges(random, scale) }, rulesWith(bug), tally);
}

function charges(random: Random, scale: bigint): Charge[] {
  const premium = random.minor(900n * scale) + 20n;
  const list: Charge[] = [{ category: 'premium', code: null, amountMinor: premium, handling: 'proratable' }];
  const more = (charge: Omit<Charge, 'amountMinor'>, most: bigint) =>
    list.push({ ...charge, amountMinor: random.minor(most) });
  if (random.chance(0.7)) more({ category: 'tax', code: 'IPT', handling: 'proratable' }, premium / 8n + 1n);
  if (random.chance(0.3)) more({ category: 'fee', code: 'policy', handling: 'fully_earned' }, 25n * scale);
  if (random.chance(0.2)) more({ category: 'surcharge', code: 'flood', handling: 'flat' }, 40n * scale);
  return list;
}

/** Each as often as it weighs. */
const weighted = (Object.keys(steps) as (keyof typeof steps)[]).flatMap((name) =>
  Array.from({ length: steps[name].weight }, () => name),
);
