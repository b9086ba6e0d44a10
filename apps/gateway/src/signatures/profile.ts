export const profiles = ['strict', 'xcover-compat'] as const;
export type Profile = (typeof profiles)[number];

/** SHA-1 is not here, and never will be: the vendor calls it deprecated, we refuse it. */
export const algorithms = ['hmac-sha512', 'hmac-sha384', 'hmac-sha256'] as const;
export type Algorithm = (typeof algorithms)[number];

const STRICT = ['(request-target)', 'host', 'date', 'digest', 'idempotency-key'];

/** What a request of that profile signs at least. */
export const requiredHeaders: Readonly<Record<Profile, readonly string[]>> = {
  strict: STRICT,
  'xcover-compat': ['date'],
};

/** How far a `Date` may be from ours, for each profile. */
export type SkewSeconds = Readonly<Record<Profile, number>>;

/**
 * The profile that a request lives up to: a key of the weak one may always sign more, and is then held to what it
 * signed. Null where it signed less than the key asks for.
 */
export function profileOf(signed: readonly string[], ofKey: Profile): Profile | null {
  if (covers(signed, 'strict')) return 'strict';
  return covers(signed, ofKey) ? ofKey : null;
}

function covers(signed: readonly string[], profile: Profile): boolean {
  return requiredHeaders[profile].every((name) => signed.includes(name));
}
