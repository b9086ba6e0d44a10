export type WebhooksErrorCode =
  | 'event_type_unknown'
  | 'filter_not_valid'
  | 'payload_version_unknown'
  | 'url_not_allowed'
  | 'client_certificate_not_valid'
  | 'invalid_transition'
  | 'endpoint_not_active'
  | 'message_expired'
  | 'message_conflict'
  | 'message_erased'
  | 'delivery_out_of_order'
  | 'replay_range_empty'
  | 'too_many_secrets'
  | 'activation_not_valid'
  | 'last_secret';

/** A rule of this service was broken. `context.errors` and `context.allowedActions` are shown to the caller. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: WebhooksErrorCode,
    message: string,
    readonly context: Record<string, unknown> = {},
  ) {
    super(message);
  }
}
