import type { WebhooksErrorCode } from './domain/errors.ts';

export const problems: Record<WebhooksErrorCode, { status: number; title: string }> = {
  event_type_unknown: { status: 400, title: 'An event type is unknown' },
  filter_not_valid: { status: 400, title: 'The filter cannot be used' },
  payload_version_unknown: { status: 400, title: 'The payload version is unknown' },
  url_not_allowed: { status: 422, title: 'Webhooks may not go to this URL' },
  client_certificate_not_valid: { status: 422, title: 'The client certificate cannot be used' },
  invalid_transition: { status: 409, title: 'The state does not allow this' },
  endpoint_not_active: { status: 409, title: 'The endpoint takes no deliveries' },
  message_conflict: { status: 409, title: 'The id is of another message' },
  message_expired: { status: 409, title: 'The message is no longer kept' },
  delivery_out_of_order: { status: 409, title: 'The order of deliveries does not allow this' },
  replay_range_empty: { status: 422, title: 'The range of the replay is empty' },
  too_many_secrets: { status: 409, title: 'The endpoint has as many secrets as it may' },
  activation_not_valid: { status: 422, title: 'A secret cannot begin then' },
  last_secret: { status: 409, title: 'Nothing would sign without this secret' },
  message_erased: { status: 409, title: 'The message has been erased' },
};
