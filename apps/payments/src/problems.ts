import type { PaymentErrorCode } from './domain/errors.ts';

export const problems: Readonly<Record<PaymentErrorCode, { status: number; title: string }>> = {
  not_found: { status: 404, title: 'Not found' },
  invalid_transition: { status: 409, title: 'The state of the payment does not allow this' },
  unknown_payment_method: { status: 422, title: 'There is no such payment method' },
  payment_method_not_usable: { status: 422, title: 'The payment method cannot be charged' },
  unknown_token: { status: 422, title: 'The provider does not know this token' },
  method_conflict: { status: 422, title: 'The payment names two ways to pay' },
  capture_not_supported: { status: 422, title: 'This way to capture is not available' },
  authorisation_gone: { status: 409, title: 'The held amount is not there any more' },
  provider_refused: { status: 422, title: 'The payment provider refused' },
  received_in_future: { status: 422, title: 'The money was not received yet' },
  provider_unavailable: { status: 503, title: 'The payment provider is not available' },
  link_expiry_passed: { status: 422, title: 'The link would have expired already' },
  resolution_not_applicable: { status: 422, title: 'The flag cannot be resolved this way' },
  exceeds_refundable: { status: 422, title: 'Less than that is left to refund' },
  payment_disputed: { status: 409, title: 'What is left of the payment is under dispute' },
  destination_not_supported: { status: 422, title: 'The money cannot go that way' },
  second_person_required: { status: 422, title: 'Another client has to approve this' },
  reference_taken: { status: 409, title: 'Another cheque bears this number' },
};
