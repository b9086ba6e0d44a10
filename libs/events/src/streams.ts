import type { EventStream } from './definition.ts';

export const services = ['payments', 'billing', 'reconciliation', 'webhooks'] as const;
export type Service = (typeof services)[number];
export type StreamName = EventStream | 'DLQ' | 'ADVISORY';

const second = 1_000_000_000;
const day = 86_400 * second;
const mebibyte = 1024 * 1024;

/**
 * The part of a JetStream stream configuration that is ours to decide, in the API's names; durations in nanoseconds.
 */
export interface StreamConfig {
  readonly name: StreamName;
  readonly description: string;
  readonly subjects: readonly string[];
  readonly retention: 'limits';
  readonly storage: 'file';
  readonly discard: 'new';
  readonly max_age: number;
  readonly max_bytes: number;
  readonly max_msg_size: number;
  readonly duplicate_window: number;
  readonly deny_delete: boolean;
  readonly deny_purge: boolean;
  readonly allow_direct: boolean;
}

/** Every event of a noun is in the noun's stream, those of a later major (`payment.posted.v2`) too. */
function nouns(...names: string[]): string[] {
  return names.map((name) => `${name}.>`);
}

function stream(name: StreamName, description: string, maxMebibytes: number, subjects: string[]): StreamConfig {
  const isDeadLetters = name === 'DLQ';
  return {
    name,
    description,
    subjects,
    retention: 'limits',
    storage: 'file',
    // A full stream refuses, and the outbox keeps the rows; `old` would drop what nobody has read yet.
    discard: 'new',
    max_age: 14 * day,
    max_bytes: maxMebibytes * mebibyte,
    max_msg_size: 256 * 1024,
    duplicate_window: 120 * second,
    // Discarding a dead letter is an operator's decision; everything else is history.
    deny_delete: !isDeadLetters,
    deny_purge: !isDeadLetters,
    allow_direct: true,
  };
}

/** max_bytes is what a laptop can reserve; production raises it with its disks, by the same factor for all. */
export const streams: Readonly<Record<StreamName, StreamConfig>> = {
  PAYMENTS: stream('PAYMENTS', 'Cash facts, published by payments', 1024, [
    ...nouns('payment', 'refund', 'dispute', 'payment_link', 'payment_method', 'receipt', 'disbursement'),
    'test_clock.reached',
  ]),
  BILLING: stream('BILLING', 'What is owed and how cash is applied, published by billing', 1024, [
    ...nouns('policy_transaction', 'schedule', 'instalment', 'invoice', 'allocation', 'credit', 'unapplied'),
    ...nouns('suspense', 'shortfall', 'fee', 'write_off', 'subscription', 'delinquency', 'cancellation'),
    ...nouns('return_premium', 'reinstatement', 'plan', 'equity', 'statement', 'commission', 'disbursement_request'),
    'test_clock.advanced',
  ]),
  RECONCILIATION: stream('RECONCILIATION', 'Ledger, bank and remittance facts, published by reconciliation', 1024, [
    ...nouns('bank_file', 'remittance', 'deposit', 'match', 'exception', 'settlement_batch', 'journal_entry'),
    ...nouns('ledger_day', 'return', 'notice_of_change'),
    'test_clock.reconciled',
  ]),
  WEBHOOKS: stream('WEBHOOKS', 'Health of partner endpoints, published by webhooks', 256, [
    ...nouns('webhook_endpoint', 'webhook_delivery', 'webhook_backlog'),
  ]),
  POLICY: stream('POLICY', 'Inbound: what policy systems tell us', 256, nouns('policy')),
  DLQ: stream('DLQ', 'Messages a consumer gave up on, with the reason', 256, nouns('dlq')),
  ADVISORY: stream('ADVISORY', 'Advisories of the broker about given-up messages', 64, [
    '$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>',
    '$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.>',
  ]),
};
export const streamNames = Object.keys(streams) as StreamName[];

/** The stream a service publishes to. */
export const streamOf: Readonly<Record<Service, StreamName>> = {
  payments: 'PAYMENTS',
  billing: 'BILLING',
  reconciliation: 'RECONCILIATION',
  webhooks: 'WEBHOOKS',
};
export const serviceStreams = services.map((service) => streamOf[service]);
