import { DomainError } from './errors.ts';

/** Of the bytes that are signed. Receivers are advised to expect 20 KB; a quarter of a megabyte is where it ends. */
export const bodyBytesMax = 256 * 1024;

const dayMs = 86_400_000;
const customType = /^custom(\.[a-z][a-z0-9_]{0,47}){1,3}$/;
const versioned = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** A type of the tenant's own: `custom.` and one to three words, so that it can never become one of the platform's. */
export function isCustomType(type: string): boolean {
  return customType.test(type);
}

/** What an endpoint may name of them: one, `custom.*`, or `custom.claim.*`. */
export function isCustomPattern(pattern: string): boolean {
  return (
    isCustomType(pattern) || (pattern.endsWith('.*') && (pattern === 'custom.*' || isCustomType(pattern.slice(0, -2))))
  );
}

/** The millisecond in the first 48 bits of a UUIDv7. */
export function timeOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The lowest id of that millisecond: what bounds a range of ids in time. */
export function firstIdAt(timeMs: number): string {
  const hex = Math.max(0, timeMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/**
 * What is wrong with an id that a publisher chose, or null. A message is filed under the day in its id, and only the
 * days around today are sure to be there.
 */
export function idFault(id: string, now: Date): string | null {
  if (!versioned.test(id)) return 'must be a UUID of version 7';
  const differenceMs = Math.abs(timeOf(id) - now.getTime());
  return differenceMs > dayMs ? 'must name a time within a day of now' : null;
}

/** What makes two publications of one id the same: all that its publisher chose. Not the time, which is ours. */
export interface Publication {
  readonly type: string;
  readonly subject: string;
  readonly sequence: number | null;
  readonly channels: readonly string[];
  readonly data: unknown;
}

/** A repetition gets the first answer; anything else under the same id would be one of two truths. */
export function refuseAnother(first: Publication, second: Publication): void {
  const same =
    first.type === second.type &&
    first.subject === second.subject &&
    first.sequence === second.sequence &&
    sameJson(first.channels, second.channels) &&
    sameJson(first.data, second.data);
  if (!same) throw new DomainError('message_conflict', 'This id was used for another message.');
}

/** The order of an object's keys says nothing. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameJson(left[key], right[key]))
  );
}
