import { createHash } from 'node:crypto';

export type Operation = 'charge' | 'capture' | 'void' | 'refund';

export type Decline = Readonly<{
  code: string;
  category: 'soft' | 'hard' | 'needs_customer';
  recommendedAction: string;
}>;

/** How the sandbox treats a token: always the same, so that a test knows what will happen. */
export interface Instrument {
  readonly type: 'card' | 'ach';
  readonly brand: string | null;
  readonly last4: string;
  readonly expiresOn: string | null;
  /** Why it says no to a charge; absent when it says yes. */
  readonly decline?: Decline;
  /** Only the first charge of a subject is declined. */
  readonly declinesOnce?: boolean;
  /** Asks the customer first. */
  readonly needsCustomer?: boolean;
  /** Never answers this operation, though it has an outcome: a lookup or a late notification tells. */
  readonly isSilentOn?: Operation;
  /** Fails before anything is looked at, as a provider's front door does when it is overloaded. */
  readonly failsBefore?: boolean;
  /** Confirms a tenth of the amount it was asked for. */
  readonly confirmsWrongAmount?: boolean;
  /** The hold is gone when it is captured. */
  readonly losesAuthorisation?: boolean;
  readonly refund?: 'declined' | 'pending';
  /** The bank takes it back with this code. */
  readonly returnCode?: string;
  readonly dispute?: 'won' | 'lost';
  /** The issuer replaces the card after its first charge. */
  readonly isReplaced?: boolean;
}

const insufficientFunds: Decline = { code: 'insufficient_funds', category: 'soft', recommendedAction: 'retry_later' };
const stolenCard: Decline = { code: 'stolen_card', category: 'hard', recommendedAction: 'update_payment_method' };

/** Far enough for a test clock to walk through any policy. */
const farAway = '2099-12-31';

const visa = (last4: string, rest: Partial<Instrument> = {}): Instrument => ({
  ...{ type: 'card', brand: 'visa', last4, expiresOn: farAway },
  ...rest,
});
const ach = (last4: string, rest: Partial<Instrument> = {}): Instrument => ({
  ...{ type: 'ach', brand: null, last4, expiresOn: null },
  ...rest,
});

const instruments: Readonly<Record<string, Instrument>> = {
  tok_visa: visa('4242'),
  tok_visa_again: visa('4242'),
  tok_declined_insufficient: visa('9995', { decline: insufficientFunds }),
  tok_declined_once: visa('9001', { decline: insufficientFunds, declinesOnce: true }),
  tok_declined_stolen: visa('9979', { decline: stolenCard }),
  tok_timeout_approved: visa('8001', { isSilentOn: 'charge' }),
  tok_timeout_declined: visa('8002', { isSilentOn: 'charge', decline: insufficientFunds }),
  tok_error_before: visa('8003', { failsBefore: true }),
  tok_3ds: visa('3155', { needsCustomer: true }),
  tok_wrong_amount: visa('7001', { confirmsWrongAmount: true }),
  tok_expired_auth: visa('7002', { losesAuthorisation: true }),
  tok_capture_timeout: visa('7003', { isSilentOn: 'capture' }),
  tok_refund_fails: visa('6001', { refund: 'declined' }),
  tok_refund_pending: visa('6002', { refund: 'pending' }),
  tok_refund_timeout: visa('6003', { isSilentOn: 'refund' }),
  tok_dispute_lost: visa('5001', { dispute: 'lost' }),
  tok_dispute_won: visa('5002', { dispute: 'won' }),
  tok_card_replaced: visa('5003', { isReplaced: true }),
  tok_ach: ach('6789'),
};

export function instrumentOf(token: string): Instrument | undefined {
  if (Object.hasOwn(instruments, token)) return instruments[token];
  const returned = /^tok_ach_return_(r(\d\d))$/.exec(token);
  if (returned) return ach(`00${returned[2]}`, { returnCode: returned[1]!.toUpperCase() });
  const expiring = /^tok_visa_exp_(\d{4})(0[1-9]|1[0-2])$/.exec(token);
  if (!expiring) return undefined;
  const lastDay = new Date(Date.UTC(Number(expiring[1]), Number(expiring[2]), 0));
  return visa('4242', { expiresOn: lastDay.toISOString().slice(0, 10) });
}

/** What a caller is told of an instrument: nothing that could be charged elsewhere. */
export function described(token: string, { type, brand, last4, expiresOn }: Instrument) {
  const fingerprint = `fp_${digest(`${type} ${brand} ${last4} ${expiresOn}`, 16)}`;
  const mandate =
    type === 'ach'
      ? { id: `mnd_${digest(token, 16)}`, scheme: 'ach', state: 'active', signedAt: '2025-01-01T12:00:00.000Z' }
      : null;
  return { type, brand, last4, expiresOn, currency: type === 'ach' ? 'USD' : null, fingerprint, mandate };
}

/** The card that the issuer sends in place of one that it replaced. */
export function replacementOf(token: string, instrument: Instrument) {
  return described(token, { ...instrument, last4: '5004' });
}

export function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
