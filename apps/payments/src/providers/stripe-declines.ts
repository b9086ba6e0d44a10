import type { ProviderOutcome } from '../domain/outcome.ts';

export type Reason = Pick<Extract<ProviderOutcome, { kind: 'declined' }>, 'code' | 'category' | 'recommendedAction'>;

const soft = (code: string): Reason => ({ code, category: 'soft', recommendedAction: 'retry_later' });
const hard = (code: string): Reason => ({ code, category: 'hard', recommendedAction: 'update_payment_method' });
const customer = (code: string): Reason => ({ code, category: 'needs_customer', recommendedAction: 'ask_customer' });

/** Stripe's decline codes (https://docs.stripe.com/declines/codes), and its errors where no issuer said no. */
const reasons: Readonly<Record<string, Reason>> = Object.fromEntries(
  [
    ...['insufficient_funds', 'processing_error', 'reenter_transaction', 'try_again_later'].map(soft),
    ...['issuer_not_available', 'card_velocity_exceeded', 'withdrawal_count_limit_exceeded'].map(soft),
    ...['approve_with_id', 'generic_decline', 'do_not_honor', 'call_issuer', 'no_action_taken'].map(soft),
    ...['authentication_required', 'authentication_not_handled', 'offline_pin_required'].map(customer),
    ...['online_or_offline_pin_required', 'incorrect_cvc', 'invalid_cvc', 'incorrect_zip'].map(customer),
    ...['payment_intent_authentication_failure', 'payment_method_microdeposit_failed'].map(customer),
    ...['stolen_card', 'lost_card', 'pickup_card', 'restricted_card', 'fraudulent', 'merchant_blacklist'].map(hard),
    ...[
      'expired_card',
      'incorrect_number',
      'invalid_number',
      'invalid_account',
      'new_account_information_available',
    ].map(hard),
    ...['card_not_supported', 'currency_not_supported', 'not_permitted', 'service_not_allowed'].map(hard),
    ...['transaction_not_allowed', 'revocation_of_all_authorizations', 'revocation_of_authorization'].map(hard),
    ...['stop_payment_order', 'security_violation', 'invalid_amount', 'duplicate_transaction'].map(hard),
    ...['bank_account_restricted', 'bank_account_unusable', 'account_closed', 'debit_not_authorized', 'no_account'].map(
      hard,
    ),
  ].map((reason) => [reason.code, reason]),
);

/** A "no" that is not in the table is final: asking again for a reason that nobody understands helps nobody. */
export function reasonOf(...codes: readonly (string | null | undefined)[]): Reason {
  const given = codes.filter((code): code is string => typeof code === 'string' && code !== '');
  const known = given.find((code) => Object.hasOwn(reasons, code));
  return known !== undefined
    ? reasons[known]!
    : { ...hard(given[0] ?? 'declined'), recommendedAction: 'contact_support' };
}

const byCheck = (code: string): Reason => ({ code, category: 'hard', recommendedAction: 'refund_by_check' });

const refundReasons: Readonly<Record<string, Reason>> = {
  lost_or_stolen_card: byCheck('account_closed'),
  expired_or_canceled_card: byCheck('account_closed'),
  insufficient_funds: { code: 'provider_balance_insufficient', category: 'soft', recommendedAction: 'retry_later' },
};

/** Why money could not be given back. */
export function refundReasonOf(code: string | null | undefined): Reason {
  return refundReasons[code ?? ''] ?? byCheck(code ?? 'refund_failed');
}
