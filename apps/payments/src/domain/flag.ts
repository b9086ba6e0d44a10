import { DomainError, fieldError } from './errors.ts';
import type { Flag } from './payment.ts';

/** `reviewed` closes a flag; `accept_confirmed` also takes the money that the provider confirmed, into suspense. */
export const resolutions = ['reviewed', 'accept_confirmed'] as const;
export type Resolution = (typeof resolutions)[number];

/** A flag on a payment, until a person has said what becomes of it. */
export interface RaisedFlag {
  readonly tenantId: string;
  readonly id: string;
  readonly paymentId: string;
  readonly reason: Flag['reason'];
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
  readonly detail: string | null;
  readonly openedAt: Date;
  readonly resolvedAt: Date | null;
  readonly resolution: Resolution | null;
  readonly resolvedBy: string | null;
}

/** @throws DomainError when it is resolved already, or when there is no confirmed amount to accept */
export function resolveFlag(
  flag: RaisedFlag,
  { resolution, resolvedBy }: { readonly resolution: Resolution; readonly resolvedBy: string },
  now: Date,
): RaisedFlag {
  if (flag.resolvedAt !== null) {
    throw new DomainError('invalid_transition', 'The flag is resolved.', { allowedActions: [] });
  }
  if (resolution === 'accept_confirmed' && flag.reason !== 'amount_mismatch') {
    const detail = `is for amount_mismatch, this flag is ${flag.reason}`;
    throw fieldError('resolution_not_applicable', '/resolution', detail);
  }
  return { ...flag, resolution, resolvedBy, resolvedAt: now };
}
