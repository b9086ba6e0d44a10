import { DomainError } from './errors.ts';
import type { Failure } from './outcome.ts';
import { allowedActions, move, seedState } from './payment-state.ts';
import { announce } from './payment.ts';
import type { BankReturn, Decision, Payment, PaymentMethodKind } from './payment.ts';

/** What may be corrected as long as nobody was asked for the money. */
export type Amendment = Pick<
  Payment,
  | 'amountMinor'
  | 'currency'
  | 'fieldValues'
  | 'invoiceLocator'
  | 'locationId'
  | 'merchantId'
  | 'policyLocator'
  | 'policyholderLocator'
  | 'statementLocator'
>;

export const changeActions = ['draft', 'ready', 'decline', 'return', 'discard'] as const;
/** What a person may decide about a payment; capture, void and reverse are asked for in ways of their own. */
export type ChangeAction = (typeof changeActions)[number];

export interface Change {
  readonly amendment: Amendment | null;
  readonly action: ChangeAction | null;
  /** How it came back, where the action is `return`. */
  readonly returned: Pick<BankReturn, 'code' | 'pejorative' | 'returnedOn'>;
}

/** The correction first, then the action: both are there, or neither. */
export function change(payment: Payment, { amendment, action, returned }: Change, now: Date): Decision {
  const amended = amendment === null ? payment : amend(payment, amendment, now);
  switch (action) {
    case null:
      return silently(amended);
    case 'draft':
      return silently(move(amended, 'reset', now));
    case 'ready':
      return silently(move(amended, 'ready', now));
    case 'discard':
      return announce(move(amended, 'discard', now), 'discarded');
    case 'decline':
      return decline(amended, now);
    case 'return':
      return takeBack(amended, { ...returned, scheme: schemeOf(amended.method) }, now);
  }
}

/** Nobody acts on a draft or on a payment that waits: the next fact tells what it has become. */
function silently(next: Payment): Decision {
  return { next, facts: [] };
}

function amend(payment: Payment, amendment: Amendment, now: Date): Payment {
  if (payment.state !== 'draft' && payment.state !== 'ready') {
    throw new DomainError('invalid_transition', `A ${seedState(payment.state)} payment is not corrected any more`, {
      allowedActions: allowedActions(payment),
    });
  }
  return { ...payment, ...amendment, updatedAt: now };
}

const declinedByRequest: Failure = {
  code: 'declined_by_request',
  category: 'hard',
  retryable: false,
  recommendedAction: 'none',
};

/** A person's no: no attempt has failed, so none is told of. */
function decline(payment: Payment, now: Date): Decision {
  const declined = { ...move(payment, 'decline', now), failure: declinedByRequest };
  return announce(declined, 'declined', { failure: declinedByRequest });
}

/** The bank has taken a posted payment back. */
export function takeBack(payment: Payment, returned: BankReturn, now: Date): Decision {
  return announce({ ...move(payment, 'return', now), returned, returnedAt: now }, 'returned');
}

/** Its money was seen at the bank. Seen again, or of what is posted no more, it changes nothing. */
export function settle(payment: Payment, now: Date): Decision | null {
  if (payment.state !== 'posted' || payment.settlement === 'settled') return null;
  return announce({ ...payment, settlement: 'settled', updatedAt: now }, 'settled');
}

/** Offline money that comes back is paper that bounced, whatever counter or box it came in by. */
function schemeOf(method: PaymentMethodKind | null): BankReturn['scheme'] {
  return method === 'card' || method === 'ach' ? method : 'check';
}
