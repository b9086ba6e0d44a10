export type PaymentErrorCode =
  | 'not_found'
  | 'invalid_transition'
  | 'payment_not_whole'
  | 'unknown_payment_method'
  | 'payment_method_not_usable'
  | 'unknown_token'
  | 'method_conflict'
  | 'capture_not_supported'
  | 'authorisation_gone'
  | 'provider_refused'
  | 'received_in_future'
  | 'media_type_not_accepted'
  | 'media_type_mismatch'
  | 'provider_unavailable'
  | 'resolution_not_applicable'
  | 'link_expiry_passed'
  | 'foreign_form'
  | 'exceeds_refundable'
  | 'payment_disputed'
  | 'destination_not_supported'
  | 'second_person_required'
  | 'reference_taken';

export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * A rule said no. `problems.ts` gives each code its status; `context.errors` and `context.allowedActions` are shown.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: PaymentErrorCode,
    message: string,
    readonly context: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** Another tenant's id answers exactly as an id that does not exist. */
export function notFound(what: string, id: string): DomainError {
  return new DomainError('not_found', `There is no ${what} ${id}.`);
}

/** The field the caller has to change, named by JSON pointer. */
export function fieldError(code: PaymentErrorCode, pointer: string, detail: string): DomainError {
  return new DomainError(code, detail, { errors: [{ pointer, detail } satisfies FieldError] });
}
