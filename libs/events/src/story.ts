import type { AmountLine, WireAmount } from './schema.ts';

/**
 * The story every sample tells: policy of 280.00 premium and 28.00 tax, 2025-01-01 to 2026-01-01, paid by card in
 * twelve monthly instalments of 25.67 or 25.66.
 */
export const story = {
  tenantId: '0194205c-2c00-7000-8000-000000000001',
  policyLocator: '0194205c-2c00-7000-8000-000000000010',
  policyholderLocator: 'PH-1001',
  policyNumber: 'HO-2025-000123',
  transactionId: '0194205c-2c00-7000-8000-000000000011',
  scheduleId: '0194205c-2c00-7000-8000-000000000012',
  invoiceLocator: '0194205c-2c00-7000-8000-000000000013',
  paymentMethodId: '0194205c-2c00-7000-8000-000000000014',
  paymentLocator: '0194205c-2c00-7000-8000-000000000015',
  reversalId: '0194205c-2c00-7000-8000-000000000016',
  batchId: '0194205c-2c00-7000-8000-000000000017',
  reversingBatchId: '0194205c-2c00-7000-8000-000000000018',
  suspenseId: '0194205c-2c00-7000-8000-000000000019',
  entryId: '0194205c-2c00-7000-8000-00000000001a',
  endpointId: '0194205c-2c00-7000-8000-00000000001b',
  deliveryId: '0194205c-2c00-7000-8000-00000000001c',
  eventId: '0194205c-2c00-7000-8000-00000000001d',
  replayId: '0194205c-2c00-7000-8000-000000000070',
  refundId: '0194205c-2c00-7000-8000-00000000001e',
  disputeId: '0194205c-2c00-7000-8000-00000000001f',
  receiptId: '0194205c-2c00-7000-8000-000000000020',
  disbursementId: '0194205c-2c00-7000-8000-000000000021',
  disbursementRequestId: '0194205c-2c00-7000-8000-000000000022',
  linkId: '0194205c-2c00-7000-8000-000000000023',
  flagId: '0194205c-2c00-7000-8000-000000000024',
  subscriptionId: '0194205c-2c00-7000-8000-000000000025',
  shortfallId: '0194205c-2c00-7000-8000-000000000026',
  creditId: '0194205c-2c00-7000-8000-000000000027',
  memoLocator: '0194205c-2c00-7000-8000-000000000028',
  feeId: '0194205c-2c00-7000-8000-000000000029',
  feeInvoiceLocator: '0194205c-2c00-7000-8000-00000000002a',
  delinquencyId: '0194205c-2c00-7000-8000-000000000040',
  delinquencyPlanId: '0194205c-2c00-7000-8000-000000000041',
  delinquencyRuleId: '0194205c-2c00-7000-8000-000000000042',
  noticeId: '0194205c-2c00-7000-8000-000000000043',
  cancellationRequestId: '0194205c-2c00-7000-8000-000000000044',
  moratoriumId: '0194205c-2c00-7000-8000-000000000045',
  commissionId: '0194205c-2c00-7000-8000-0000000000c1',
  agreementId: '0194205c-2c00-7000-8000-0000000000c2',
  payoutId: '0194205c-2c00-7000-8000-0000000000c3',
  exceptionId: '0194205c-2c00-7000-8000-0000000000e1',
  writeOffId: '0194205c-2c00-7000-8000-000000000060',
  bankFileId: '0194205c-2c00-7000-8000-0000000000d1',
  bankAccountId: '0194205c-2c00-7000-8000-0000000000d2',
  bankStatementId: '0194205c-2c00-7000-8000-0000000000d3',
  depositId: '0194205c-2c00-7000-8000-0000000000d4',
  statementLocator: '0194205c-2c00-7000-8000-000000000061',
  subscriptionPeriodId: '0194205c-2c00-7000-8000-00000000002b',
  subscriptionInvoiceLocator: '0194205c-2c00-7000-8000-00000000002c',
  remittanceId: '0194205c-2c00-7000-8000-000000000054',
  matchId: '0194205c-2c00-7000-8000-000000000053',
  settlementBatchId: '0194205c-2c00-7000-8000-000000000050',
  returnId: '0194205c-2c00-7000-8000-000000000051',
  fileId: '0194205c-2c00-7000-8000-000000000052',
  periodId: '0194205c-2c00-7000-8000-0000000000d0',
  quoteId: 'Q-2024-0815',
  createdAt: '2025-01-01T12:00:00.000Z',
  postedAt: '2025-01-01T12:00:01.250Z',
  reversedAt: '2025-01-06T12:00:00.000Z',
} as const;

export function instalmentId(number: number): string {
  return `0194205c-2c00-7000-8000-0000000001${String(number).padStart(2, '0')}`;
}

export function usd(minor: number): WireAmount {
  const digits = String(Math.abs(minor)).padStart(3, '0');
  const amount = `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
  return { amount, amountMinor: minor, currency: 'USD' };
}

/** Tax and premium of each of the twelve instalments: rows add up to 25.67 or 25.66, columns to 28.00 and 280.00. */
export const rows: readonly (readonly [tax: number, premium: number])[] = [
  [233, 2334],
  [234, 2333],
  [233, 2334],
  [233, 2334],
  [234, 2333],
  [233, 2334],
  [234, 2333],
  [233, 2334],
  [233, 2333],
  [233, 2333],
  [234, 2332],
  [233, 2333],
];

export function rowLines([tax, premium]: readonly [tax: number, premium: number]): AmountLine[] {
  return [
    { category: 'tax', code: 'IPT', amount: usd(tax) },
    { category: 'premium', amount: usd(premium) },
  ];
}
