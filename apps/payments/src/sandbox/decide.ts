import type { Decline, Instrument, Operation } from './instruments.ts';

/** What the sandbox is asked to do, by a caller's key that it does once. */
export interface OperationRequest {
  readonly operation: Operation;
  readonly key: string;
  /** Whose test clock `on` is a day of; null is real time. */
  readonly account: string;
  readonly on: string | null;
  readonly amountMinor: number;
  readonly currency: string;
  /** A charge has these. */
  readonly token: string;
  readonly subject: string;
  readonly capture: boolean;
  /** What follows a charge has this. */
  readonly chargeRef: string;
}

export type Status = 'approved' | 'authorised' | 'voided' | 'declined' | 'pending' | 'requires_action';

export interface Decision {
  readonly status: Status;
  readonly amountMinor: number;
  readonly decline?: Decline;
  readonly expiresAt?: string;
}

/** A charge and what was done to it since. */
export interface ChargeSoFar {
  readonly status: Status;
  readonly amountMinor: number;
  readonly currency: string;
  readonly expiresAt?: string | undefined;
  readonly capturedMinor: number;
  /** Given back, or on its way. */
  readonly refundedMinor: number;
  readonly isVoided: boolean;
}

const no = (code: string, recommendedAction = 'contact_support', category: Decline['category'] = 'hard'): Decline => ({
  ...{ code, category, recommendedAction },
});
const authorisationDays = 7;
const dayMs = 86_400_000;

export function decideCharge(
  request: Pick<OperationRequest, 'amountMinor' | 'capture'>,
  instrument: Instrument | undefined,
  { wasAsked, at }: { wasAsked: boolean; at: Date },
): Decision {
  const { amountMinor, capture } = request;
  const declined = (decline: Decline): Decision => ({ status: 'declined', amountMinor, decline });
  if (!instrument) return declined(no('unknown_token', 'update_payment_method'));
  const { decline, declinesOnce = false, type, needsCustomer, confirmsWrongAmount } = instrument;
  if (decline && !(declinesOnce && wasAsked)) return declined(decline);
  if (type === 'ach' && !capture) return declined(no('authorisation_not_supported', 'charge_at_once'));
  if (type === 'ach') return { status: 'pending', amountMinor };
  const confirmed = confirmsWrongAmount ? Math.max(1, Math.floor(amountMinor / 10)) : amountMinor;
  const expiresAt = new Date(at.getTime() + authorisationDays * dayMs).toISOString();
  if (needsCustomer) return { status: 'requires_action', amountMinor: confirmed, expiresAt };
  return capture
    ? { status: 'approved', amountMinor: confirmed }
    : { status: 'authorised', amountMinor: confirmed, expiresAt };
}

/** The customer's word on a charge that asked for it. */
export function decideAction(charge: { amountMinor: number }, capture: boolean, approve: boolean): Decision {
  const { amountMinor } = charge;
  if (approve) return { status: capture ? 'approved' : 'authorised', amountMinor };
  const decline = no('authentication_failed', 'ask_customer', 'needs_customer');
  return { status: 'declined', amountMinor, decline };
}

export function decideFollowUp(
  request: Pick<OperationRequest, 'operation' | 'amountMinor' | 'currency'>,
  charge: ChargeSoFar | undefined,
  { instrument, at }: { instrument: Instrument | undefined; at: Date },
): Decision {
  const { operation, amountMinor, currency } = request;
  const why = charge ? reasonAgainst(request, charge) : 'unknown_charge';
  const isGone =
    operation !== 'refund' &&
    (instrument?.losesAuthorisation === true ||
      (charge?.expiresAt !== undefined && charge.expiresAt < at.toISOString()));
  if (why !== null || isGone) {
    return { status: 'declined', amountMinor, decline: no(why ?? 'authorisation_expired', 'new_payment') };
  }
  if (charge?.currency !== currency) return { status: 'declined', amountMinor, decline: no('currency_mismatch') };
  if (operation === 'void') return { status: 'voided', amountMinor };
  if (operation === 'refund' && instrument?.refund === 'declined') {
    return { status: 'declined', amountMinor, decline: no('account_closed', 'refund_by_check') };
  }
  return { status: operation === 'refund' && instrument?.refund === 'pending' ? 'pending' : 'approved', amountMinor };
}

function reasonAgainst(
  { operation, amountMinor }: Pick<OperationRequest, 'operation' | 'amountMinor'>,
  charge: ChargeSoFar,
): string | null {
  if (operation === 'refund') {
    if (charge.capturedMinor === 0) return 'not_captured';
    return charge.refundedMinor + amountMinor > charge.capturedMinor ? 'exceeds_captured' : null;
  }
  if (charge.isVoided) return 'already_voided';
  if (charge.capturedMinor > 0) return 'already_captured';
  if (charge.status !== 'authorised') return 'not_authorised';
  return operation === 'capture' && amountMinor > charge.amountMinor ? 'exceeds_authorised' : null;
}
