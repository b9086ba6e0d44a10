import { catalogue, dataschemaOf, sampleOf } from './catalogue.ts';
import type { EventType } from './catalogue.ts';
import { formatSequence } from './envelope.ts';
import type { QuittanceEvent } from './envelope.ts';
import { instalmentId, story } from './story.ts';

/** The aggregate each noun of the story is about: the `subject` of its events. */
const subjects: Readonly<Record<string, string>> = {
  payment: story.paymentLocator,
  payment_method: story.paymentMethodId,
  payment_link: story.linkId,
  refund: story.refundId,
  dispute: story.disputeId,
  receipt: story.receiptId,
  disbursement: story.disbursementId,
  disbursement_request: story.disbursementRequestId,
  subscription: story.subscriptionId,
  policy: story.policyLocator,
  policy_transaction: story.transactionId,
  schedule: story.scheduleId,
  instalment: instalmentId(1),
  invoice: story.invoiceLocator,
  allocation: story.batchId,
  credit: story.creditId,
  fee: story.feeId,
  return_premium: story.transactionId,
  reinstatement: story.transactionId,
  plan: story.scheduleId,
  equity: story.policyLocator,
  unapplied: story.policyholderLocator,
  suspense: story.suspenseId,
  shortfall: story.shortfallId,
  delinquency: story.delinquencyId,
  cancellation: story.delinquencyId,
  commission: story.commissionId,
  write_off: story.writeOffId,
  statement: story.statementLocator,
  journal_entry: story.entryId,
  exception: story.exceptionId,
  bank_file: story.bankFileId,
  deposit: story.depositId,
  match: story.matchId,
  remittance: story.remittanceId,
  settlement_batch: story.settlementBatchId,
  return: story.returnId,
  notice_of_change: story.returnId,
  ledger_day: story.periodId,
  webhook_endpoint: story.endpointId,
  webhook_delivery: story.deliveryId,
  webhook_backlog: story.endpointId,
  test_clock: story.tenantId,
};

/** Those that are about something else than their noun says. */
const others: Partial<Record<EventType, string>> = {
  'invoice.upcoming': instalmentId(1),
  'webhook_delivery.replayed': story.replayId,
};

/** A whole event of a type as a consumer receives it, for documents and tests. */
export function sampleEvent<T extends EventType>(type: T): QuittanceEvent<T> {
  const [noun = ''] = type.split('.');
  return {
    specversion: '1.0',
    id: story.eventId,
    source: `/quittance/${catalogue[type].producer}`,
    type,
    subject: others[type] ?? subjects[noun] ?? story.eventId,
    time: story.postedAt,
    datacontenttype: 'application/json',
    dataschema: dataschemaOf(type),
    tenantid: story.tenantId,
    sequence: formatSequence(1),
    correlationid: story.eventId,
    data: sampleOf(type),
  };
}
