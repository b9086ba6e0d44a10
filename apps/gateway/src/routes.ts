export const services = ['payments', 'billing', 'reconciliation', 'webhooks'] as const;
export type Service = (typeof services)[number];

export const scopes = [
  'payments:read',
  'payments:write',
  'payments:refund',
  'billing:read',
  'billing:write',
  'recon:read',
  'recon:write',
  'recon:files',
  'recon:phi',
  'webhooks:read',
  'webhooks:write',
  'webhooks:erase',
  'admin:clock',
  'audit:read',
] as const;
export type Scope = (typeof scopes)[number];

/** What a partner's key may do where nobody says: quotes, bookings and instalments are billing's. */
export const PARTNER_SCOPES: readonly Scope[] = ['billing:read', 'billing:write'];

/**
 * Whom a route lets in that asks for no credential of ours. `open`: people, with a limit for each address. `signed`:
 * machines whose signature the service checks over the bytes of the body, with a client's limit for each address.
 */
export type Open = 'open' | 'signed';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  method: Method;
  /** As in OpenAPI: `/payments/{locator}`. The service has the same path. */
  path: string;
  service: Service;
  scope: Scope | Open;
  /** How long the service may take to answer; `UPSTREAM_TIMEOUT_MS` otherwise. */
  timeoutMs?: number;
  /** The largest request body; `DEFAULT_BODY_LIMIT_BYTES` otherwise. */
  bodyLimitBytes?: number;
  /** Request headers that this route's service needs beside those that every service gets. */
  forwards?: readonly string[];
}

export const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024;
/** Files of banks and payers: the service's own limit is configured, and lower by what a form adds. */
const FILE_LIMIT_BYTES = 257 * 1024 * 1024;

/** Every path that the outside may reach. What is not here does not exist outside. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/payment-methods', service: 'payments', scope: 'payments:write' },
  { method: 'GET', path: '/payment-methods', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/payment-methods/{id}', service: 'payments', scope: 'payments:read' },
  { method: 'PATCH', path: '/payment-methods/{id}', service: 'payments', scope: 'payments:write' },
  { method: 'DELETE', path: '/payment-methods/{id}', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/payments', service: 'payments', scope: 'payments:write' },
  { method: 'GET', path: '/payments', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/payments/{locator}', service: 'payments', scope: 'payments:read' },
  { method: 'PATCH', path: '/payments/{locator}', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/payments/{locator}/reverse', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/payments/{locator}/capture', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/payments/{locator}/void', service: 'payments', scope: 'payments:write' },
  { method: 'GET', path: '/receipts', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/receipts/{id}', service: 'payments', scope: 'payments:read' },
  { method: 'POST', path: '/payments/{locator}/refunds', service: 'payments', scope: 'payments:refund' },
  { method: 'GET', path: '/payments/{locator}/refunds', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/refunds/{id}', service: 'payments', scope: 'payments:read' },
  { method: 'POST', path: '/refunds/{id}/approve', service: 'payments', scope: 'payments:refund' },
  { method: 'POST', path: '/refunds/{id}/reject', service: 'payments', scope: 'payments:refund' },
  { method: 'POST', path: '/refunds/{id}/cancel', service: 'payments', scope: 'payments:refund' },
  { method: 'POST', path: '/refunds/{id}/retry', service: 'payments', scope: 'payments:refund' },
  { method: 'POST', path: '/refunds/{id}/convert', service: 'payments', scope: 'payments:refund' },
  { method: 'GET', path: '/disbursements', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/disbursements/{id}', service: 'payments', scope: 'payments:read' },
  { method: 'POST', path: '/disbursements/{id}/validate', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/approve', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/reset', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/reject', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/discard', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/execute', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/issue', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/fail', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/clear', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/void', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disbursements/{id}/mark-stale', service: 'payments', scope: 'payments:write' },

  { method: 'POST', path: '/api/v1/payment-links', service: 'payments', scope: 'payments:write' },
  { method: 'GET', path: '/api/v1/payment-links', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/api/v1/payment-links/{id}', service: 'payments', scope: 'payments:read' },
  { method: 'DELETE', path: '/api/v1/payment-links/{id}', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/api/v1/payment-links/{id}/refund', service: 'payments', scope: 'payments:refund' },
  {
    ...{ method: 'POST', path: '/payments/{locator}/media', service: 'payments', scope: 'payments:write' },
    // The service's own limit is configured, and lower.
    ...{ forwards: ['content-digest'], bodyLimitBytes: 65 * 1024 * 1024 },
  },
  { method: 'GET', path: '/payments/{locator}/media/{mediaLocator}', service: 'payments', scope: 'payments:read' },
  { method: 'DELETE', path: '/payments/{locator}/media/{mediaLocator}', service: 'payments', scope: 'payments:write' },

  { method: 'GET', path: '/pay/{token}', service: 'payments', scope: 'open' },
  { method: 'GET', path: '/pay/{token}/receipt', service: 'payments', scope: 'open' },
  {
    ...{ method: 'POST', path: '/pay/{token}', service: 'payments', scope: 'open' },
    // Where the form was sent from: what tells our page from another site.
    ...{ forwards: ['origin', 'sec-fetch-site'], bodyLimitBytes: 16 * 1024 },
    // Asks a provider twice, what the token is and for the money, each in its own time.
    timeoutMs: 16_000,
  },
  {
    ...{ method: 'POST', path: '/provider-notifications/{provider}', service: 'payments', scope: 'signed' },
    ...{ forwards: ['stripe-signature', 'webhook-id', 'webhook-timestamp', 'webhook-signature'] },
  },
  { method: 'GET', path: '/disputes', service: 'payments', scope: 'payments:read' },
  { method: 'GET', path: '/disputes/{id}', service: 'payments', scope: 'payments:read' },
  { method: 'POST', path: '/disputes/{id}/accept', service: 'payments', scope: 'payments:write' },
  { method: 'POST', path: '/disputes/{id}/challenge', service: 'payments', scope: 'payments:write' },
  { method: 'GET', path: '/payment-flags', service: 'payments', scope: 'payments:read' },
  { method: 'POST', path: '/payment-flags/{id}/resolve', service: 'payments', scope: 'payments:write' },

  { method: 'POST', path: '/policies', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/policies/{locator}', service: 'billing', scope: 'billing:read' },
  { method: 'PATCH', path: '/policies/{locator}', service: 'billing', scope: 'billing:write' },
  { method: 'PUT', path: '/policies/{locator}/payment-method', service: 'billing', scope: 'billing:write' },
  { method: 'PUT', path: '/policies/{locator}/plan', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/policies/{locator}/equity', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/policies/{locator}/transactions', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/policies/{locator}/transactions', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/policies/{locator}/transactions/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/schedules/preview', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/schedules', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/schedules/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/schedules/{id}/instalments', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/invoices', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/invoices/{locator}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/plans', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/invoices/{locator}/page', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/invoices/{locator}/pdf', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/billing-settings', service: 'billing', scope: 'billing:read' },
  { method: 'PUT', path: '/billing-settings', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/write-offs', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/write-offs', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/write-offs/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/write-offs/{id}/reverse', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/suspense-items', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/suspense-items/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/suspense-items/{id}/apply', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/payment-applications', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/payment-applications/{id}/reverse', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/statements', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/statements', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/statements/{locator}', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/plans', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/plans/{name}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/disbursement-requests', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/disbursement-requests', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/disbursement-requests/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/commission-agreements', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/commission-agreements', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/commission-entries', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/commission-payouts', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/commission-payouts', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/producer-statements', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/api/v1/subscriptions', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/api/v1/subscriptions', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/api/v1/subscriptions/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'DELETE', path: '/api/v1/subscriptions/{id}', service: 'billing', scope: 'billing:write' },
  { method: 'PUT', path: '/api/v1/subscriptions/{id}/payment-method', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/api/v1/subscriptions/{id}/pause', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/api/v1/subscriptions/{id}/resume', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/delinquencies', service: 'billing', scope: 'billing:read' },
  { method: 'GET', path: '/delinquencies/{id}', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/delinquencies/{id}/decide', service: 'billing', scope: 'billing:write' },
  { method: 'POST', path: '/delinquency-plans', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/delinquency-plans', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/delinquency-rules', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/delinquency-rules', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/fee-rules', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/fee-rules', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/return-rules', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/return-rules', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/holds', service: 'billing', scope: 'billing:write' },
  { method: 'GET', path: '/holds', service: 'billing', scope: 'billing:read' },
  { method: 'POST', path: '/holds/{id}/release', service: 'billing', scope: 'billing:write' },
  // Walks up to a year of days before it answers.
  { method: 'POST', path: '/test-clocks/advance', service: 'billing', scope: 'admin:clock', timeoutMs: 120_000 },
  { method: 'GET', path: '/test-clocks', service: 'billing', scope: 'admin:clock' },

  { method: 'POST', path: '/x/partners/{partner_id}/quotes', service: 'billing', scope: 'billing:write' },
  {
    ...{ method: 'POST', path: '/x/partners/{partner_id}/bookings/{quote_package_id}' },
    ...{ service: 'billing', scope: 'billing:write' },
  },
  {
    ...{ method: 'GET', path: '/x/partners/{partner_id}/bookings/{quote_package_id}/instalments' },
    ...{ service: 'billing', scope: 'billing:read' },
  },
  {
    ...{ method: 'POST', path: '/x/partners/{partner_id}/bookings/{quote_package_id}/instalments' },
    ...{ service: 'billing', scope: 'billing:write' },
  },

  { method: 'GET', path: '/journal-entries', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/trial-balance', service: 'reconciliation', scope: 'recon:read' },
  {
    ...{ method: 'POST', path: '/remittances', service: 'reconciliation', scope: 'recon:write' },
    ...{ bodyLimitBytes: FILE_LIMIT_BYTES, timeoutMs: 120_000 },
  },
  {
    ...{ method: 'POST', path: '/bank-statements', service: 'reconciliation', scope: 'recon:write' },
    ...{ bodyLimitBytes: FILE_LIMIT_BYTES, timeoutMs: 120_000 },
  },
  { method: 'GET', path: '/files/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/files/{id}/raw', service: 'reconciliation', scope: 'recon:files', timeoutMs: 120_000 },
  { method: 'GET', path: '/files/{id}/url', service: 'reconciliation', scope: 'recon:files' },
  { method: 'GET', path: '/file-downloads/{token}', service: 'reconciliation', scope: 'open', timeoutMs: 120_000 },
  { method: 'GET', path: '/exceptions', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/exceptions/ageing', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/exceptions/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'PATCH', path: '/exceptions/{id}', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/exceptions/{id}/resolve', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/exceptions/{id}/reopen', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/exceptions/{id}/write-off', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/exceptions/{id}/write-off/approve', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/exceptions/{id}/write-off/reject', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/journal-entries', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/journal-entries/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/journal-entries/{id}/reverse', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/accounts', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/accounts/{code}/balance', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/balances', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/ledger/proof', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/periods', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/periods/{month}/close', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/remittances', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/remittances/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/remittances/{id}/claims', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/remittances/{id}/claims/{claimId}/lines', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/remittances/{id}/claims/{claimId}/patient', service: 'reconciliation', scope: 'recon:phi' },
  { method: 'GET', path: '/remittances/{id}/provider-adjustments', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/remittances/{id}/post', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/remittances/{id}/hold', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/remittances/{id}/void', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/claims', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/claims/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/recon-sets', service: 'reconciliation', scope: 'recon:read' },
  { method: 'PUT', path: '/recon-sets/{set}/rules', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/recon-items', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/recon-runs', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/recon-runs', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/recon-runs/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/suggestions', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/suggestions/{id}/reject', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/matches', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/matches', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/matches/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/matches/{id}/confirm', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/matches/{id}/unmatch', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/invariants', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/bank-statements', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/bank-statements/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/bank-statements/{id}/accept', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/deposits', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/deposits/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'POST', path: '/deposits/{id}/identify', service: 'reconciliation', scope: 'recon:write' },
  { method: 'POST', path: '/exports', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/exports', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/exports/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/exports/{id}/content', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/ledger-settings', service: 'reconciliation', scope: 'recon:read' },
  { method: 'PUT', path: '/ledger-settings', service: 'reconciliation', scope: 'recon:write' },
  { method: 'GET', path: '/payments/{locator}/trail', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/settlement-batches', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/settlement-batches/{id}', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/settlement-batches/{id}/items', service: 'reconciliation', scope: 'recon:read' },
  { method: 'GET', path: '/returns', service: 'reconciliation', scope: 'recon:read' },

  { method: 'POST', path: '/webhook-endpoints', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'GET', path: '/webhook-endpoints', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/webhook-endpoints/{id}', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'PATCH', path: '/webhook-endpoints/{id}', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'DELETE', path: '/webhook-endpoints/{id}', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'POST', path: '/webhook-endpoints/{id}/test', service: 'webhooks', scope: 'webhooks:write' },
  {
    ...{ method: 'POST', path: '/webhook-endpoints/{id}/verify', service: 'webhooks', scope: 'webhooks:write' },
    // As long as an endpoint may give its receiver.
    timeoutMs: 32_000,
  },
  { method: 'POST', path: '/webhook-endpoints/{id}/enable', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'POST', path: '/webhook-endpoints/{id}/recover', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'POST', path: '/webhook-replays', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'GET', path: '/webhook-replays', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/webhook-replays/{id}', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'POST', path: '/webhook-replays/{id}/cancel', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'GET', path: '/webhook-endpoints/{id}/stats', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'POST', path: '/webhook-endpoints/{id}/rotate-secret', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'GET', path: '/webhook-endpoints/{id}/secrets', service: 'webhooks', scope: 'webhooks:read' },
  {
    ...{ method: 'DELETE', path: '/webhook-endpoints/{id}/secrets/{secretId}' },
    ...{ service: 'webhooks', scope: 'webhooks:write' },
  },
  { method: 'GET', path: '/.well-known/webhooks-jwks.json', service: 'webhooks', scope: 'open' },
  { method: 'GET', path: '/webhook-deliveries', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/webhook-deliveries/{id}', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'POST', path: '/webhook-deliveries/{id}/retry', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'POST', path: '/webhook-messages', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'GET', path: '/webhook-messages', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/webhook-messages/{id}', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/webhook-messages/{id}/attempts', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/webhook-messages/{id}/deliveries', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'POST', path: '/webhook-poll', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'GET', path: '/webhook-poll', service: 'webhooks', scope: 'webhooks:read' },
  // Waits for a message for up to 20 seconds.
  { method: 'GET', path: '/webhook-poll/{consumer}', service: 'webhooks', scope: 'webhooks:read', timeoutMs: 26_000 },
  { method: 'DELETE', path: '/webhook-poll/{consumer}', service: 'webhooks', scope: 'webhooks:write' },
  { method: 'POST', path: '/webhook-erasures', service: 'webhooks', scope: 'webhooks:erase' },
  { method: 'GET', path: '/webhook-erasures', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/event-types', service: 'webhooks', scope: 'webhooks:read' },
  { method: 'GET', path: '/event-types/{type}', service: 'webhooks', scope: 'webhooks:read' },
];

export function isOpen(scope: Route['scope']): scope is Open {
  return scope === 'open' || scope === 'signed';
}

const PARTNERS = '/x/';

/**
 * Whether a path is a partner's: it takes a signature and no other credential, is written with and without a slash at
 * its end, and names the partner, who has to be the one of the key.
 */
export function isOfPartners({ path }: Pick<Route, 'path'>): boolean {
  return path.startsWith(PARTNERS);
}

/** `/payments/{locator}` and `/payments/{id}` are one path. */
export function pathShape(path: string): string {
  return path.replace(/\{[^}]*\}/g, '{}');
}

const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'x-api-key',
  'x-client-id',
  'x-client-secret',
]);

/** Refuses to start with a table that would leave a door open: a route without a scope, two rows for one request. */
export function checkRoutes(table: readonly Route[]): void {
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const route of table) {
    const name = `${route.method} ${route.path}`;
    const shape = `${route.method} ${pathShape(route.path)}`;
    if (!isOpen(route.scope) && !scopes.includes(route.scope)) faults.push(`${name} has no scope, or an unknown one`);
    if (!services.includes(route.service)) faults.push(`${name} has no service, or an unknown one`);
    if (!/^(\/([a-z0-9.-]+|\{[a-zA-Z_]+\}))+$/.test(route.path)) faults.push(`${name} is not a path`);
    if (isOfPartners(route) && (isOpen(route.scope) || !/^\/x\/partners\/\{partner_id\}\//.test(route.path)))
      faults.push(`${name} is a partner's and names none, or is open`);
    if (route.forwards?.some((header) => CREDENTIALS.has(header))) faults.push(`${name} forwards a credential`);
    if (seen.has(shape)) faults.push(`${name} is there twice`);
    seen.add(shape);
  }
  if (faults.length > 0) throw new Error(`the route table is wrong:\n  ${faults.join('\n  ')}`);
}

/** The methods of each path, for `Allow`. */
export function methodsByPath(table: readonly Route[]): Map<string, Method[]> {
  const methods = new Map<string, Method[]>();
  for (const { path, method } of table) methods.set(path, [...(methods.get(path) ?? []), method]);
  return methods;
}
