import { nextCheckAt } from './attempt.ts';

/**
 * A notification may come before what it is about is committed here, so one that fits nothing is tried again, at the
 * times at which an unknown outcome is looked up; after five days it is for a person.
 */
const triesMax = 7;

/** When to try again after so many tries; null when it is given up. */
export function nextTryAt(tries: number, now: Date, resolveAfterMs: number): Date | null {
  return tries >= triesMax ? null : nextCheckAt(tries, now, resolveAfterMs);
}

/** The attempt that a provider's key names; null for any other key. */
export function attemptOfKey(key: string): { readonly paymentId: string; readonly n: number } | null {
  const [, paymentId, n] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_([1-9]\d{0,8})$/.exec(key) ?? [];
  return paymentId === undefined ? null : { paymentId, n: Number(n) };
}

/** The tenant of what nobody knows yet whom it concerns. */
export const nobody = '00000000-0000-0000-0000-000000000000';

/** Who says something, and whose business it is, where that is known before it is read. */
export interface From {
  readonly provider: string;
  readonly tenantId: string | null;
}
