// Generated from docs/problems.md.
export interface ProblemText {
  readonly status: string;
  readonly means: string;
  readonly advice: string;
}
export const problemTexts: Readonly<Record<string, ProblemText>> = {
  malformed_json: { status: '400', means: 'the body is no JSON', advice: 'mend the body' },
  invalid_request: {
    status: '400',
    means: 'a wrong type or value, an unknown field, parameter or header value',
    advice: 'mend what `errors` names',
  },
  idempotency_key_required: {
    status: '400',
    means: 'the route moves money and wants an `Idempotency-Key`',
    advice: 'send one, and the same one when you repeat',
  },
  unauthorized: {
    status: '401',
    means: 'no credential, a wrong one, an expired token, or two kinds at once',
    advice: 'get a new token, check the secret',
  },
  forbidden: {
    status: '403',
    means: 'the credential lacks the scope that `detail` names',
    advice: 'ask your operator for it',
  },
  not_found: {
    status: '404',
    means: 'no such path, or no such id in your tenant',
    advice: "check the id; another tenant's looks the same",
  },
  method_not_allowed: {
    status: '405',
    means: 'the path exists, not with this method',
    advice: 'see the header `Allow`',
  },
  invalid_transition: {
    status: '409',
    means: 'the state of the resource does not allow this',
    advice: 'read it again; `allowedActions` says what it does allow',
  },
  request_in_progress: {
    status: '409',
    means: 'a request with this `Idempotency-Key` still runs',
    advice: 'repeat after `Retry-After`',
  },
  payload_too_large: { status: '413', means: 'the body is larger than 1 MiB', advice: 'send less' },
  unsupported_media_type: { status: '415', means: 'the body is not `application/json`', advice: 'set `content-type`' },
  card_data_not_accepted: {
    status: '422',
    means: 'something looks like a card number or a card field; `errors` says where',
    advice: 'send the token that the provider gave for it',
  },
  idempotency_key_reused: {
    status: '422',
    means: 'the key was used for another request',
    advice: 'a new key for a new request',
  },
  rate_limited: {
    status: '429',
    means: 'too many requests of this client, or too many wrong credentials from the address',
    advice: 'wait for `Retry-After`',
  },
  internal: { status: '500', means: 'our fault', advice: 'repeat with the same `Idempotency-Key`; report `instance`' },
  unavailable: {
    status: '503',
    means: 'a service or the database does not answer',
    advice: 'repeat after `Retry-After`, with the same `Idempotency-Key`',
  },
  unknown_payment_method: {
    status: '422',
    means: 'there is no such `paymentMethodId` in your tenant',
    advice: 'store one with `POST /payment-methods`',
  },
  payment_method_not_usable: {
    status: '422',
    means: 'it is expired or blocked, or cannot be charged',
    advice: 'use another',
  },
  unknown_token: {
    status: '422',
    means: 'the provider does not know the token',
    advice: 'get a new one from the provider',
  },
  method_conflict: {
    status: '422',
    means: 'the body names two ways to pay, or `receivedDate` and `method` do not go together',
    advice: 'name one way',
  },
  capture_not_supported: {
    status: '422',
    means: 'offline money, or a draft, has nothing to capture',
    advice: 'leave `capture` out, or name a method or token',
  },
  provider_unavailable: {
    status: '503',
    means: 'the provider could not be asked what a token is; nothing happened',
    advice: 'repeat',
  },
  provider_refused: {
    status: '422',
    means: 'the provider said no to a capture or a void; the payment is as it was',
    advice: 'see `allowedActions`',
  },
  authorisation_gone: {
    status: '409',
    means: 'the held amount is not there any more: expired, given back or captured',
    advice: 'authorise again with a new payment',
  },
  received_in_future: {
    status: '422',
    means: '`receivedDate` is after today, by the tenant’s date',
    advice: 'the date on which the money came',
  },
  payment_not_whole: {
    status: '409',
    means: 'a part of the payment was given back or is disputed, so it is not reversed as a whole',
    advice: 'refund what is left',
  },
  exceeds_refundable: {
    status: '422',
    means: 'more than what is left to refund',
    advice: 'ask for at most `remaining`',
  },
  payment_disputed: {
    status: '409',
    means: 'the amount and an open dispute exceed what is left',
    advice: 'wait for the dispute, or ask for less',
  },
  destination_not_supported: {
    status: '422',
    means: 'the money cannot go that way',
    advice: 'leave `destination` out, or use `check`',
  },
  second_person_required: {
    status: '422',
    means: 'the client that asked cannot approve',
    advice: 'approve with another client',
  },
  reference_taken: { status: '409', means: 'another cheque bears this number', advice: 'another number, or none' },
  resolution_not_applicable: {
    status: '422',
    means: 'a flag of this reason cannot be resolved this way',
    advice: '`reviewed`',
  },
  media_type_not_accepted: {
    status: '415',
    means: 'files of this type are not taken',
    advice: 'PDF, PNG, JPEG, TIFF, CSV or plain text',
  },
  media_type_mismatch: {
    status: '422',
    means: 'the bytes are not what the content type or the digest says',
    advice: 'send the right type, or the file again',
  },
  link_expiry_passed: { status: '422', means: '`expires_at` is not in the future', advice: 'a later moment' },
  foreign_form: {
    status: '403',
    means: 'the form of the payment page was sent from another site',
    advice: 'open the page and pay there',
  },
  invalid_policy: { status: '400', means: 'the policy contradicts itself', advice: 'mend what `errors` names' },
  plan_not_eligible: {
    status: '422',
    means: 'the plan does not fit the term or the amount',
    advice: '`POST /schedules/preview` without `plan` lists what fits',
  },
  invalid_transaction: {
    status: '422',
    means: 'the transaction does not fit the policy or its term',
    advice: 'mend what `errors` names',
  },
  return_premium_mismatch: {
    status: '422',
    means: 'the charges that were sent are not what the method gives back',
    advice: 'leave `charges` out, or mend what `errors` names',
  },
  policy_not_in_force: {
    status: '409',
    means: 'the term was cancelled, or the policy has none in force',
    advice: 'reinstate it first',
  },
  policy_not_cancelled: {
    status: '409',
    means: 'only a cancelled term is reinstated',
    advice: 'read the policy again',
  },
  policy_changed: {
    status: '409',
    means: 'the policy is at another version than `policyVersion`',
    advice: 'read it again, then decide anew',
  },
  transaction_conflict: {
    status: '409',
    means: 'this `transactionId` is there with other content',
    advice: 'a new id for a new transaction',
  },
  payment_in_progress: {
    status: '409',
    means: 'what would be undone is being paid just now',
    advice: 'repeat once the payment has an outcome',
  },
  funds_not_available: {
    status: '422',
    means: 'there is not that much unapplied or in suspense, or a hold keeps it',
    advice: 'ask for at most what is there',
  },
  unknown_policy: { status: '422', means: 'there is no such policy in your tenant', advice: 'check the locator' },
  notice_not_valid: {
    status: '422',
    means: 'a notice before the default, or without the proof that is asked',
    advice: 'mail another one; this is the reason of a dead letter',
  },
  test_clock_not_allowed: { status: '403', means: 'this deployment has no test clocks', advice: '–' },
  test_clock_running: { status: '409', means: "the tenant's clock is being advanced", advice: 'wait for that call' },
  test_clock_backwards: { status: '422', means: 'a test clock only goes forward', advice: 'a later date' },
  test_clock_too_far: { status: '422', means: 'more than 366 days in one call', advice: 'several calls' },
  test_clock_stalled: {
    status: '503',
    means: 'a service did not finish the day in time; what is done stays done',
    advice: 'call again, it goes on',
  },
  invalid_plan: {
    status: '400',
    means: 'the fields of a plan contradict each other',
    advice: 'mend what `errors` names',
  },
  too_many_plans: {
    status: '422',
    means: 'a tenant has at most 100 plans of its own',
    advice: 'another version of one of them',
  },
  invalid_hold: {
    status: '400',
    means: 'it would be over before it begins, or is over today',
    advice: 'a later `endsOn`, or none',
  },
  agreement_exists: {
    status: '409',
    means: 'the producer has another commission agreement from that date',
    advice: 'agree from another date; agreements are never changed',
  },
  nothing_to_pay_out: {
    status: '422',
    means: 'the producer has earned no commission that is not paid, or owes some',
    advice: '`GET /producer-statements` says what the balance is',
  },
  unknown_quote: {
    status: '422',
    means: '`errors` names a quote that is not in the package',
    advice: 'send the ids of `POST …/quotes/`',
  },
  quotes_already_booked: {
    status: '409',
    means: 'the package was booked before',
    advice: '`GET …/instalments/` shows the booking',
  },
  unknown_instalment: {
    status: '422',
    means: '`errors` names a quote, instalment or number that the booking does not have',
    advice: 'take them from `GET …/instalments/`',
  },
  instalment_not_next: {
    status: '409',
    means: 'it is confirmed already, or an earlier one is not',
    advice: 'confirm `next_payment`',
  },
  write_off_refused: {
    status: '422',
    means: 'it is more than is owed, or not owed at all',
    advice: 'mend what `errors` names',
  },
  application_refused: {
    status: '422',
    means: 'the money cannot be applied to what is named',
    advice: 'mend what `errors` names',
  },
  statement_refused: {
    status: '422',
    means: 'no such account, or not the period that comes next',
    advice: 'mend what `errors` names',
  },
  event_type_unknown: {
    status: '400',
    means: '`eventTypes` or `eventType` names a type that partners cannot subscribe to',
    advice: '`GET /event-types` lists them',
  },
  filter_not_valid: {
    status: '400',
    means: 'the filter of an endpoint cannot be used; `errors` points into it',
    advice: 'mend what `errors` names',
  },
  payload_version_unknown: {
    status: '400',
    means: 'the catalogue has no such version yet',
    advice: '`GET /event-types` lists them',
  },
  url_not_allowed: {
    status: '422',
    means: 'webhooks may not go to this URL; `errors` says why',
    advice: 'https, port 443 or 8443, a public address',
  },
  client_certificate_not_valid: {
    status: '422',
    means: 'the client certificate, its key or the roots cannot be used; `errors` says which',
    advice: 'PEM, not expired, not encrypted, the key that belongs to it',
  },
  endpoint_not_active: {
    status: '409',
    means: 'the endpoint is paused or disabled, so that nothing is sent to it',
    advice: 'make it active, then retry',
  },
  message_conflict: {
    status: '409',
    means: 'a message with this `id` was published before, with another content',
    advice: 'another id, or the first content',
  },
  message_expired: {
    status: '409',
    means: 'the message of this delivery is no longer kept',
    advice: 'read the resource itself',
  },
  message_erased: {
    status: '409',
    means: "the message of this delivery was erased with its tenant's key",
    advice: 'nothing brings it back',
  },
  replay_range_empty: {
    status: '422',
    means: 'a replay ends before it begins',
    advice: 'a later `to`, or an earlier `from`',
  },
  delivery_out_of_order: {
    status: '409',
    means: 'the endpoint gets the events of a subject in order, and this delivery is not the next one',
    advice: 'send it with `force: true` if it may come out of order',
  },
  too_many_secrets: {
    status: '409',
    means: 'five secrets of the endpoint sign or are still to come',
    advice: 'remove one, or rotate with a shorter overlap',
  },
  activation_not_valid: {
    status: '422',
    means: '`notBefore` is past, or more than 366 days ahead',
    advice: 'a later moment, or none for now',
  },
  last_secret: {
    status: '409',
    means: 'without this secret nothing would sign at some time',
    advice: 'rotate first, then remove it',
  },
  entry_unbalanced: {
    status: '422',
    means: 'debits and credits of a fact do not add up',
    advice: "find the producer's fault; nothing is guessed",
  },
  entry_not_booked: {
    status: '409',
    means: 'what is to be reversed is not in the ledger',
    advice: "replay the original's letter first, then this one",
  },
  account_not_defined: {
    status: '422',
    means: 'no account is meant for this method or category',
    advice: 'add it to `apps/reconciliation/src/domain/chart.ts`',
  },
  file_unreadable: {
    status: '422',
    means: 'the bytes are of no format that is read here, are cut off, or want to do harm; nothing of them was stored',
    advice: 'send the whole file as the bank or payer made it',
  },
  write_off_without_amount: {
    status: '422',
    means: 'the exception is not about an amount',
    advice: 'resolve it instead',
  },
  write_off_account_needed: {
    status: '422',
    means:
      'the type of the exception does not say in which account the difference stands, or the `account` is no asset',
    advice: 'name one in `account`',
  },
  approver_not_independent: {
    status: '409',
    means: 'who asked for a write-off, or has approved it, approves it',
    advice: 'another client approves',
  },
  statement_not_held: {
    status: '409',
    means: 'a bank statement is accepted that adds up, or was accepted before',
    advice: 'nothing: its lines are released already',
  },
  deposit_matched: {
    status: '409',
    means: 'a deposit is identified that is matched with what it is for',
    advice: 'undo the match first, if it is wrong',
  },
  export_empty: {
    status: '422',
    means: 'nothing is booked in the range, or nothing since the last export of this format',
    advice: 'name another range, or wait',
  },
  ledger_busy: {
    status: '503',
    means: 'entries that belong into the range were being booked for too long',
    advice: 'send it again',
  },
  match_not_possible: {
    status: '422',
    means: 'the items are not there, of two sets, of two currencies, or all of one side; `errors` says which',
    advice: 'take them from `GET /recon-items`',
  },
  item_not_open: {
    status: '409',
    means: 'an item is matched already, or another set took its line; `errors` says which',
    advice: 'look at it again',
  },
  match_unbalanced: {
    status: '422',
    means: 'the sides do not come to the same and no `differenceReason` says why, or they do and one is there',
    advice: 'name a reason, or leave it out',
  },
  matching_busy: {
    status: '503',
    means: 'a run is looking at everything that is open of the set',
    advice: 'send it again in a moment',
  },
  entry_not_reversible: {
    status: '409',
    means: 'the entry was booked by a fact, or is undone already',
    advice: 'only what was booked by hand is undone by hand, once',
  },
  period_closed: {
    status: '409',
    means: 'the month, or a later one, is closed already',
    advice: 'book into the month after',
  },
  period_not_over: { status: '422', means: 'the month has not ended', advice: 'close it when it has' },
  remittance_unbalanced: {
    status: '409',
    means: 'the remittance does not add up, or says something else than one before',
    advice: "void it, and send the payer's corrected one",
  },
};
