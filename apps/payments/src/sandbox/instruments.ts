export type Decline = Readonly<{
  code: string;
  category: 'soft' | 'hard' | 'needs_customer';
  recommendedAction: string;
}>;

/** How the sandbox treats a token: always the same, so that a test knows what will happen. */
export interface Instrument {
  readonly brand: string;
  readonly last4: string;
  /** Why it says no; absent when it says yes. */
  readonly decline?: Decline;
  /** Only the first charge of a subject is declined. */
  readonly declinesOnce?: boolean;
  /** Never answers a charge, though it has an outcome: only a lookup tells. */
  readonly isSilent?: boolean;
  /** Fails before anything is looked at, as a provider's front door does when it is overloaded. */
  readonly failsBefore?: boolean;
  /** Confirms a tenth of the amount it was asked for. */
  readonly confirmsWrongAmount?: boolean;
}

const insufficientFunds: Decline = { code: 'insufficient_funds', category: 'soft', recommendedAction: 'retry_later' };
const stolenCard: Decline = { code: 'stolen_card', category: 'hard', recommendedAction: 'update_payment_method' };

export const instruments: Readonly<Record<string, Instrument>> = {
  tok_visa: { brand: 'visa', last4: '4242' },
  tok_declined_insufficient: { brand: 'visa', last4: '9995', decline: insufficientFunds },
  tok_declined_once: { brand: 'visa', last4: '9001', decline: insufficientFunds, declinesOnce: true },
  tok_declined_stolen: { brand: 'visa', last4: '9979', decline: stolenCard },
  tok_timeout_approved: { brand: 'visa', last4: '8001', isSilent: true },
  tok_timeout_declined: { brand: 'visa', last4: '8002', decline: insufficientFunds, isSilent: true },
  tok_error_before: { brand: 'visa', last4: '8003', failsBefore: true },
  tok_wrong_amount: { brand: 'visa', last4: '7001', confirmsWrongAmount: true },
};

/** Tokens that have a meaning here and do not work yet: better said than mistaken for a typing error. */
export const plannedTokens: ReadonlySet<string> = new Set([
  'tok_ach',
  'tok_ach_return_r01',
  'tok_ach_return_r10',
  'tok_3ds',
  'tok_dispute_lost',
  'tok_dispute_won',
]);

/** Far enough for a test clock to walk through any policy. */
export const expiry = { month: 12, year: 2099 } as const;
