/** Answers for every value that JSON can hold, and for none (`undefined`). Never throws. */
export type Test = (value: unknown) => boolean;

export interface Operator {
  /** Why the operand cannot be used, or null. */
  readonly refuse: (operand: unknown) => string | null;
  readonly test: (operand: never) => Test;
}

type Plain = string | number | boolean | null;

const textMax = 256;
const listMax = 100;
/** A search in a text costs its length times the operand's: beyond this neither is anybody's status or reference. */
const searchedMax = 4_096;
const searchedItemsMax = 1_000;

/** Dates and instants as the events write them: these order as text. Amounts as text do not, and are refused. */
const calendar = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}\.\d{3}Z)?$/;
const isCalendar = (value: string) => value.length <= 24 && calendar.test(value);

const isPlain = (value: unknown): value is Plain =>
  value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';

export function refusePlain(operand: unknown): string | null {
  if (!isPlain(operand)) return 'must be a text, a number, true, false or null';
  return typeof operand === 'string' && operand.length > textMax ? `must have at most ${textMax} characters` : null;
}

function refuseList(operand: unknown): string | null {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length > listMax) {
    return `must be a list of 1 to ${listMax} values`;
  }
  return operand.map(refusePlain).find((refusal) => refusal !== null) ?? null;
}

function refuseUnordered(operand: unknown): string | null {
  if (typeof operand === 'number') return null;
  if (typeof operand === 'string' && isCalendar(operand)) return null;
  return 'must be a number, a date or an instant; of an amount compare amountMinor';
}

function refuseText(operand: unknown): string | null {
  const fits = typeof operand === 'string' && operand.length > 0 && operand.length <= textMax;
  return fits ? null : `must be a text of 1 to ${textMax} characters`;
}

const equals =
  (operand: Plain): Test =>
  (value) =>
    value === operand;

function oneOf(operand: readonly Plain[]): Test {
  const wanted = new Set<unknown>(operand);
  return (value) => wanted.has(value);
}

const not =
  (test: Test): Test =>
  (value) =>
    !test(value);

function ordered(holds: (order: number) => boolean): Operator {
  const test = (operand: string | number): Test => {
    if (typeof operand === 'number') return (value) => typeof value === 'number' && holds(value - operand);
    return (value) =>
      typeof value === 'string' && isCalendar(value) && holds(value < operand ? -1 : +(value > operand));
  };
  return { refuse: refuseUnordered, test };
}

function onText(holds: (value: string, operand: string) => boolean): Operator {
  return {
    refuse: refuseText,
    test: (operand: string) => (value) => typeof value === 'string' && holds(value, operand),
  };
}

/** A part of a text, or an item of a list. */
function contains(operand: Plain): Test {
  return (value) => {
    if (Array.isArray(value)) return value.slice(0, searchedItemsMax).includes(operand);
    return typeof operand === 'string' && typeof value === 'string' && value.slice(0, searchedMax).includes(operand);
  };
}

/** What may be asked of one value. */
export const operators: Readonly<Record<string, Operator>> = {
  $eq: { refuse: refusePlain, test: equals },
  $ne: { refuse: refusePlain, test: (operand: Plain) => not(equals(operand)) },
  $in: { refuse: refuseList, test: oneOf },
  $nin: { refuse: refuseList, test: (operand: readonly Plain[]) => not(oneOf(operand)) },
  $gt: ordered((order) => order > 0),
  $gte: ordered((order) => order >= 0),
  $lt: ordered((order) => order < 0),
  $lte: ordered((order) => order <= 0),
  $exists: {
    refuse: (operand) => (typeof operand === 'boolean' ? null : 'must be true or false'),
    test: (operand: boolean) => (value) => (value !== undefined) === operand,
  },
  $startsWith: onText((value, operand) => value.startsWith(operand)),
  $endsWith: onText((value, operand) => value.endsWith(operand)),
  $contains: { refuse: (operand) => (operand === '' ? 'must not be empty' : refusePlain(operand)), test: contains },
};
