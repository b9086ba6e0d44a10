import type { CalendarDate } from './calendar.ts';
import { DomainError } from './errors.ts';

export const holdTargets = ['invoicing', 'delinquency', 'autopay', 'disbursement'] as const;
export type HoldTarget = (typeof holdTargets)[number];

export const holdStates = ['active', 'released'] as const;
export type HoldState = (typeof holdStates)[number];

export const holdSources = ['hold', 'moratorium'] as const;
export type HoldSource = (typeof holdSources)[number];

/** Which policies: one, or all that fit each filter that is given. */
export interface HoldScope {
  readonly policyLocator: string | null;
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly producerId: string | null;
}

/** What somebody asks to be held. */
export interface HoldTerms extends HoldScope {
  readonly targets: readonly HoldTarget[];
  /** Today, where nobody says. */
  readonly startsOn: CalendarDate | null;
  readonly endsOn: CalendarDate | null;
  readonly reason: string;
}

/** Stops what it names for a while, on dates of the policy's own calendar, `endsOn` not included. */
export interface Hold extends HoldScope {
  readonly tenantId: string;
  readonly id: string;
  readonly source: HoldSource;
  readonly targets: readonly HoldTarget[];
  readonly startsOn: CalendarDate;
  readonly endsOn: CalendarDate | null;
  readonly reason: string;
  readonly state: HoldState;
  readonly version: number;
  readonly createdAt: Date;
}

export interface HeldPolicy {
  readonly locator: string;
  readonly jurisdiction: string | null;
  readonly line: string | null;
  readonly producerId: string | null;
}

export function isHeldBy(policy: HeldPolicy, hold: HoldScope): boolean {
  return (
    (hold.policyLocator === null || hold.policyLocator === policy.locator) &&
    (hold.jurisdiction === null || hold.jurisdiction === policy.jurisdiction) &&
    (hold.line === null || hold.line === policy.line) &&
    (hold.producerId === null || hold.producerId === policy.producerId)
  );
}

/** What the holds of a policy come to on a date. */
export interface HoldView {
  readonly isHeld: boolean;
  /** The end of the last hold that is over: what was past due before counts from there. */
  readonly endedOn: CalendarDate | null;
  /** When the next one begins, or this one ends. */
  readonly changesOn: CalendarDate | null;
}

/** Of holds that all apply to the policy and stop the same thing. */
export function viewOf(all: readonly Pick<Hold, 'startsOn' | 'endsOn'>[], today: CalendarDate): HoldView {
  // One that was released before it began has held nothing.
  const holds = all.filter(({ startsOn, endsOn }) => endsOn === null || endsOn > startsOn);
  const ends = holds.flatMap(({ endsOn }) => (endsOn === null ? [] : [endsOn]));
  const starts = holds.map(({ startsOn }) => startsOn);
  return {
    isHeld: holds.some((hold) => isHeldOn(hold, today)),
    endedOn:
      ends
        .filter((date) => date <= today)
        .sort()
        .at(-1) ?? null,
    changesOn: [...starts, ...ends].filter((date) => date > today).sort()[0] ?? null,
  };
}

/** Half-open: what is due on the last date of a moratorium is not held. */
export function isHeldOn({ startsOn, endsOn }: Pick<Hold, 'startsOn' | 'endsOn'>, date: CalendarDate): boolean {
  return startsOn <= date && (endsOn === null || date < endsOn);
}

/**
 * Somebody asks for one: a slip of a key should not look as if it held something.
 * @throws DomainError `invalid_hold` when it would be over before it begins, or is over today
 */
export function checkHold({ startsOn, endsOn }: Pick<Hold, 'startsOn' | 'endsOn'>, today: CalendarDate): void {
  const after = startsOn > today ? startsOn : today;
  if (endsOn === null || endsOn > after) return;
  throw new DomainError('invalid_hold', 'The hold would stop nothing.', {
    errors: [{ pointer: '/endsOn', detail: `must be later than ${after}` }],
  });
}

/**
 * From `on` on it stops nothing any more. One that has not begun is as if it had never been.
 * @throws DomainError `invalid_transition` when it was released before
 */
export function releaseHold<H extends Hold>(hold: H, on: CalendarDate): H {
  if (hold.state !== 'active') {
    throw new DomainError('invalid_transition', 'The hold was released before.', { allowedActions: [] });
  }
  const until = hold.endsOn !== null && hold.endsOn < on ? hold.endsOn : on;
  const endsOn = until > hold.startsOn ? until : hold.startsOn;
  return { ...hold, state: 'released', endsOn, version: hold.version + 1 };
}
