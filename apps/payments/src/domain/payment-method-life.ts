import type { Instrument, PaymentMethod } from './payment-method.ts';

export interface MethodFact {
  readonly type: 'added' | 'updated' | 'expiring' | 'revoked';
  readonly method: PaymentMethod;
  /** Why it can no longer be charged: a return code, or who asked. */
  readonly reason?: string;
}

export interface MethodDecision {
  readonly next: PaymentMethod;
  readonly facts: readonly MethodFact[];
}

/** Why, and whether for good: a revoked one has no leave any more, a blocked one needs new details. */
export interface Withdrawal {
  readonly state: 'revoked' | 'blocked';
  readonly reason: string;
}

export type NewMethod = Instrument &
  Pick<PaymentMethod, 'tenantId' | 'id' | 'provider' | 'token' | 'policyholderLocator'>;

export function addMethod(method: NewMethod, now: Date): MethodDecision {
  const fresh = { isDefault: false, expiryToldFor: null, createdAt: now, updatedAt: now };
  return say({ ...method, ...fresh, version: 0, state: 'active' }, 'added');
}

/** Saying it twice, and news of what cannot be charged anyway, change nothing. */
export function withdrawMethod(method: PaymentMethod, { state, reason }: Withdrawal, now: Date): MethodDecision {
  if (method.state === 'revoked' || method.state === state) return unchanged(method);
  const isRevoked = state === 'revoked' && method.mandate !== null;
  const mandate = isRevoked ? { ...method.mandate, state } : method.mandate;
  return say({ ...method, state, mandate, isDefault: false, updatedAt: now }, 'revoked', reason);
}

/** The issuer replaced or extended the card behind the token. */
export function replaceInstrument(method: PaymentMethod, instrument: Instrument, now: Date): MethodDecision {
  if (method.state === 'revoked' || method.state === 'blocked') return unchanged(method);
  const next: PaymentMethod = { ...method, ...instrument, state: 'active' };
  return isSame(method, next) ? unchanged(method) : say({ ...next, updatedAt: now }, 'updated');
}

export function setDefault(method: PaymentMethod, isDefault: boolean, now: Date): MethodDecision {
  return method.isDefault === isDefault ? unchanged(method) : say({ ...method, isDefault, updatedAt: now }, 'updated');
}

/** What a new day does to it: expired after its last day; a warning before, once for each last day. */
export function passDay(
  method: PaymentMethod,
  { today, warnFrom }: { readonly today: string; readonly warnFrom: string },
  now: Date,
): MethodDecision {
  const { expiresOn, expiryToldFor } = method;
  if (method.state !== 'active' || expiresOn === null) return unchanged(method);
  if (expiresOn < today) return say({ ...method, state: 'expired', updatedAt: now }, 'updated');
  if (expiresOn > warnFrom || expiryToldFor === expiresOn) return unchanged(method);
  return say({ ...method, expiryToldFor: expiresOn, updatedAt: now }, 'expiring');
}

const unchanged = (next: PaymentMethod): MethodDecision => ({ next, facts: [] });

function say(method: PaymentMethod, type: MethodFact['type'], reason?: string): MethodDecision {
  const next = { ...method, version: method.version + 1 };
  return { next, facts: [{ type, method: next, ...(reason !== undefined && { reason }) }] };
}

/** Of JSON only, and made by the same code, so their text tells. */
function isSame(a: PaymentMethod, b: PaymentMethod): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
