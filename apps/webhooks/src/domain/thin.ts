type Data = Readonly<Record<string, unknown>>;

/** By noun, or by type: where the API shows what an event is about, in braces the fields of its data. */
export const resourcePaths: Readonly<Record<string, string>> = {
  payment: '/payments/{locator}',
  refund: '/refunds/{refundId}',
  dispute: '/disputes/{disputeId}',
  receipt: '/receipts/{receiptId}',
  disbursement: '/disbursements/{disbursementId}',
  payment_link: '/api/v1/payment-links/{linkId}',
  subscription: '/api/v1/subscriptions/{subscriptionId}',
  schedule: '/schedules/{scheduleId}',
  instalment: '/schedules/{scheduleId}/instalments',
  invoice: '/invoices/{invoiceLocator}',
  // There is no invoice yet: it is about an instalment.
  'invoice.upcoming': '/schedules/{scheduleId}/instalments',
  statement: '/statements/{statementLocator}',
  delinquency: '/delinquencies/{delinquencyId}',
  deposit: '/deposits/{depositId}',
  settlement_batch: '/settlement-batches/{settlementBatchId}',
  remittance: '/remittances/{remittanceId}',
  return_premium: '/policies/{policyLocator}/transactions/{transactionId}',
};

/** Of a webhook's data the ids alone, and where to read the rest: for who may not be sent amounts and reasons. */
export function thinData(type: string, data: Data): Data {
  const ids = Object.entries(data).filter(([name, value]) => isId(value) && /^(id|locator)$|(Id|Locator)$/.test(name));
  const resource = resourceOf(type, data);
  return { ...Object.fromEntries(ids), ...(resource === null ? {} : { resource }) };
}

const isId = (value: unknown) => typeof value === 'string' || Number.isSafeInteger(value);

function resourceOf(type: string, data: Data): string | null {
  const [noun = ''] = type.split('.');
  const name = [type, noun].find((known) => Object.hasOwn(resourcePaths, known)) ?? '';
  const template = resourcePaths[name];
  const fields = [...(template ?? '').matchAll(/\{(\w+)\}/g)].map(([, field = '']) => field);
  if (template === undefined || !fields.every((field) => typeof data[field] === 'string')) return null;
  return template.replace(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(String(data[field]).toWellFormed()));
}
