import { DomainError } from './errors.ts';

/** The schemes of Standard Webhooks: v1 is HMAC under a shared secret, v1a ed25519 under a key that we alone hold. */
export const signings = ['v1', 'v1a'] as const;
export type Signing = (typeof signings)[number];

/** As a secret is stored. */
export type SecretKind = 'hmac' | 'ed25519';
export const kindOf: Record<Signing, SecretKind> = { v1: 'hmac', v1a: 'ed25519' };
export const signingOf: Record<SecretKind, Signing> = { hmac: 'v1', ed25519: 'v1a' };

/** It signs from `notBefore` on and no longer at `expiresAt`; null: until another one takes its place. */
export interface Validity {
  readonly notBefore: Date;
  readonly expiresAt: Date | null;
}

export interface EndpointSecret extends Validity {
  readonly tenantId: string;
  readonly id: string;
  readonly endpointId: string;
  readonly kind: SecretKind;
  /** `whpk_…` of an ed25519 key. */
  readonly publicKey: string | null;
}

/** What everybody may know of an ed25519 key. */
export interface PublishedKey {
  readonly id: string;
  readonly publicKey: string;
}

export function isLive({ notBefore, expiresAt }: Validity, now: Date): boolean {
  return notBefore <= now && (expiresAt === null || now < expiresAt);
}

/** Never signs again, also because it would begin after its end. */
export function isOver({ notBefore, expiresAt }: Validity, now: Date): boolean {
  return expiresAt !== null && (expiresAt <= now || expiresAt <= notBefore);
}

/**
 * What signs at this instant. There is always one that is live or still to come; where none is live, the clocks of two
 * machines differ, and the one that comes first signs: nothing is ever sent unsigned for a second's difference.
 */
export function signingAt<S extends Validity>(secrets: readonly S[], now: Date): readonly S[] {
  const live = secrets.filter((secret) => isLive(secret, now));
  if (live.length > 0) return live;
  const toCome = secrets.filter((secret) => !isOver(secret, now));
  return toCome.toSorted((a, b) => a.notBefore.getTime() - b.notBefore.getTime()).slice(0, 1);
}

/** Live ones and those to come, of both kinds: a receiver tries each of them, and a header has to stay short. */
export const secretsMax = 5;
export const overlapSecondsMax = 7 * 24 * 3600;
export const overlapSecondsDefault = 24 * 3600;
const aheadMaxMs = 366 * 24 * 3600 * 1000;

export interface Rotation {
  readonly kind: SecretKind;
  readonly notBefore: Date;
  /** How long the older secrets of this kind go on signing beside the new one. */
  readonly overlapSeconds: number;
}

/** The older secrets whose end this rotation moves; one that ends earlier anyway keeps its end. */
export function rotate<S extends Validity & { readonly kind: SecretKind }>(
  secrets: readonly S[],
  { kind, notBefore, overlapSeconds }: Rotation,
  now: Date,
): readonly S[] {
  refuseActivation(notBefore, now);
  const end = new Date(notBefore.getTime() + overlapSeconds * 1000);
  const outlasts = ({ expiresAt }: S) => expiresAt === null || expiresAt > end;
  const ending = secrets.filter((secret) => secret.kind === kind && outlasts(secret));
  const ended = ending.map((secret) => ({ ...secret, expiresAt: end }));
  const kept = [...secrets.filter((secret) => !ending.includes(secret)), ...ended];
  if (kept.filter((secret) => !isOver(secret, now)).length < secretsMax) return ended;
  throw new DomainError(
    'too_many_secrets',
    `An endpoint has at most ${secretsMax} secrets that sign or are still to come: remove one, or overlap less.`,
  );
}

function refuseActivation(notBefore: Date, now: Date): void {
  const ahead = notBefore.getTime() - now.getTime();
  if (ahead >= 0 && ahead <= aheadMaxMs) return;
  const detail = ahead < 0 ? 'is in the past' : 'is more than 366 days ahead';
  throw new DomainError('activation_not_valid', 'The new secret cannot begin then.', {
    errors: [{ pointer: '/notBefore', detail }],
  });
}

/**
 * Takes one secret away and answers the one whose end is lifted by that, if there is one: removing a secret that has
 * not begun takes its rotation back. Refused where some moment would be left at which nothing signs.
 */
export function removeSecret<S extends Validity & { readonly kind: SecretKind }>(
  secrets: readonly S[],
  removed: S,
  now: Date,
): S | null {
  const rest = secrets.filter((secret) => secret !== removed);
  if (signsAlways(rest, now)) return null;
  const heir = rest.find(({ kind }) => kind === removed.kind);
  if (removed.notBefore > now && heir !== undefined) {
    const lifted = { ...heir, expiresAt: null };
    if (signsAlways([lifted, ...rest], now)) return lifted;
  }
  throw new DomainError(
    'last_secret',
    'Without this secret there would be a time at which nothing signs: rotate first.',
  );
}

/** Nothing stops signing but at the end of a secret, so these are the only instants to look at. */
export function signsAlways(secrets: readonly Validity[], now: Date): boolean {
  const ends = secrets.flatMap(({ expiresAt }) => (expiresAt !== null && expiresAt > now ? [expiresAt] : []));
  return [now, ...ends].every((instant) => secrets.some((secret) => isLive(secret, instant)));
}
