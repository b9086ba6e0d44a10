/** Why an amount, or a way to split one, was refused. */
export type MoneyErrorCode =
  | 'not_a_number'
  | 'too_many_decimals'
  | 'out_of_range'
  | 'unknown_currency'
  | 'currency_mismatch'
  | 'amount_mismatch'
  | 'sign_change'
  | 'invalid_split';

/**
 * The one error of this library. `code` is for programs; `message` is a sentence that may be shown to a client.
 *
 * @example if (error instanceof MoneyError && error.code === 'too_many_decimals') …
 */
export class MoneyError extends Error {
  override readonly name = 'MoneyError';

  constructor(
    readonly code: MoneyErrorCode,
    message: string,
  ) {
    super(message);
  }
}
