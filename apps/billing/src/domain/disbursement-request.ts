import { DomainError } from './errors.ts';

export const disbursementRequestStates = ['requested', 'executed', 'returned'] as const;
export type DisbursementRequestState = (typeof disbursementRequestStates)[number];

export const disbursementRequestEvents = ['execute', 'return'] as const;
export type DisbursementRequestEvent = (typeof disbursementRequestEvents)[number];

/** `returned`: it failed or was stopped, and the money is back where it came from. To try again is a new request. */
export const disbursementRequestTransitions: Record<
  DisbursementRequestState,
  Partial<Record<DisbursementRequestEvent, DisbursementRequestState>>
> = {
  requested: { execute: 'executed', return: 'returned' },
  executed: { return: 'returned' },
  returned: {},
};

/** @throws DomainError `invalid_transition` */
export function moveDisbursementRequest(
  state: DisbursementRequestState,
  event: DisbursementRequestEvent,
): DisbursementRequestState {
  const next = disbursementRequestTransitions[state][event];
  if (!next) {
    throw new DomainError('invalid_transition', `A disbursement request that is ${state} cannot ${event}.`, {
      allowedActions: Object.keys(disbursementRequestTransitions[state]),
    });
  }
  return next;
}

export const payeeTypes = ['insured', 'producer', 'financer', 'mortgagee', 'third_party'] as const;
export type PayeeType = (typeof payeeTypes)[number];

export const disbursementMethods = ['check', 'ach', 'original_method'] as const;
export type DisbursementMethod = (typeof disbursementMethods)[number];

/** Whose money it is, or the item of which nobody knows. */
export type DisbursementSource =
  | { readonly type: 'unapplied'; readonly ownerType: 'policy' | 'policyholder'; readonly ownerLocator: string }
  | { readonly type: 'suspense'; readonly suspenseId: string };

export interface DisbursementTerms {
  readonly source: DisbursementSource;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly payeeType: PayeeType;
  readonly payeeLocator: string | null;
  readonly method: DisbursementMethod | null;
  readonly reason: string | null;
}

export interface DisbursementRequest extends DisbursementTerms {
  readonly tenantId: string;
  readonly id: string;
  readonly state: DisbursementRequestState;
  /** What payments made of it, once it says so. */
  readonly disbursementId: string | null;
  readonly version: number;
  readonly createdAt: Date;
}
