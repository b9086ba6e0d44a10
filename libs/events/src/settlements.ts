import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const SettlementBatchData = Type.Object(
  {
    settlementBatchId: Id,
    /** The processor's own name of the payout. */
    payoutId: Type.String({ minLength: 1, maxLength: 200 }),
    kind: oneOf('automatic', 'manual'),
    arrivalDate: LocalDate,
    items: Type.Integer({ minimum: 0 }),
    gross: WireAmount,
    fees: WireAmount,
    refunds: WireAmount,
    disputes: WireAmount,
    other: WireAmount,
    net: WireAmount,
    /** Lines less what was paid out; absent when they agree. */
    offBy: Type.Optional(WireAmount),
  },
  { title: 'SettlementBatch' },
);
export type SettlementBatchData = Static<typeof SettlementBatchData>;

/** An entry that a bank sent back: never whose account it was. */
export const ReturnData = Type.Object(
  {
    returnId: Id,
    fileId: Id,
    paymentLocator: Id,
    scheme: oneOf('ach'),
    /** `R01` … of NACHA. */
    code: Code,
    family: oneOf('retryable', 'unauthorised', 'account_unusable', 'recalled', 'other'),
    amount: WireAmount,
    /** The trace number of the entry that came back. */
    originalTrace: Type.String({ maxLength: 15 }),
    effectiveDate: LocalDate,
  },
  { title: 'Return' },
);
export type ReturnData = Static<typeof ReturnData>;

export const NoticeOfChangeData = Type.Object(
  {
    noticeId: Id,
    fileId: Id,
    /** `C01` … of NACHA. */
    code: Code,
    originalTrace: Type.String({ maxLength: 15 }),
    effectiveDate: LocalDate,
    paymentLocator: Type.Optional(Id),
    paymentMethodId: Type.Optional(Reference),
  },
  { title: 'NoticeOfChange' },
);
export type NoticeOfChangeData = Static<typeof NoticeOfChangeData>;

/** S-107: charges of 100, 200 and 700, fees of 29.90, a refund of 50. */
const batch: SettlementBatchData = {
  settlementBatchId: story.settlementBatchId,
  payoutId: 'po_1',
  kind: 'automatic',
  arrivalDate: '2025-01-03',
  items: 4,
  gross: usd(100_000),
  fees: usd(2_990),
  refunds: usd(5_000),
  disputes: usd(0),
  other: usd(0),
  net: usd(92_010),
};
const returned: ReturnData = {
  returnId: story.returnId,
  fileId: story.fileId,
  paymentLocator: story.paymentLocator,
  scheme: 'ach',
  code: 'R01',
  family: 'retryable',
  amount: usd(2567),
  originalTrace: '091000010000001',
  effectiveDate: '2025-01-06',
};

export const settlementEvents = define('RECONCILIATION', 'reconciliation', {
  'settlement_batch.balanced': event('The lines of a payout come to what was paid out.', SettlementBatchData, batch),
  'settlement_batch.unbalanced': event('The lines of a payout do not come to what was paid out.', SettlementBatchData, {
    ...batch,
    net: usd(92_000),
    offBy: usd(10),
  }),
  'return.detected': event('A file of a bank says that a payment came back.', ReturnData, returned),
  'return.dishonoured': event('Our bank refuses a return: the payment stands.', ReturnData, {
    ...returned,
    code: 'R61',
  }),
  'return.contested': event('The other bank insists on a return that ours refused.', ReturnData, {
    ...returned,
    code: 'R71',
  }),
  'notice_of_change.received': event('A bank says that account data of an entry has changed.', NoticeOfChangeData, {
    noticeId: story.returnId,
    fileId: story.fileId,
    code: 'C01',
    originalTrace: '091000010000001',
    effectiveDate: '2025-01-06',
    paymentLocator: story.paymentLocator,
    paymentMethodId: story.paymentMethodId,
  }),
});
