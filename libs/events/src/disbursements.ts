import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, Instant, LocalDate, Reference, Text, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

const PayeeType = oneOf('insured', 'producer', 'financer', 'mortgagee', 'third_party');
const Source = oneOf('unapplied', 'suspense', 'return_premium', 'refund');

export const DisbursementRequestData = Type.Object(
  {
    requestId: Id,
    payeeType: PayeeType,
    /** The payee's name is read over the API by whoever pays. */
    payeeLocator: Type.Optional(Reference),
    policyLocator: Type.Optional(Reference),
    amount: WireAmount,
    source: Type.Object({ type: Source, id: Type.Optional(Id) }),
    method: Type.Optional(oneOf('check', 'ach', 'original_method')),
    reason: Type.Optional(Text),
    createdTimestamp: Instant,
  },
  { title: 'DisbursementRequest' },
);
export type DisbursementRequestData = Static<typeof DisbursementRequestData>;

export const DisbursementData = Type.Object(
  {
    disbursementId: Id,
    requestId: Type.Optional(Id),
    refundId: Type.Optional(Id),
    /** The payment whose refund it pays. */
    paymentLocator: Type.Optional(Id),
    payeeType: PayeeType,
    payeeLocator: Type.Optional(Reference),
    policyLocator: Type.Optional(Reference),
    amount: WireAmount,
    method: oneOf('check', 'ach', 'original_method'),
    source: Type.Object({ type: Source, id: Type.Optional(Id) }),
    state: oneOf(
      'draft',
      'validated',
      'approved',
      'rejected',
      'discarded',
      'executing',
      'executed',
      'failed',
      'cleared',
      'voided',
      'stale',
    ),
    /** Cheque number or the bank's reference. */
    reference: Type.Optional(Type.String({ maxLength: 64 })),
    failure: Type.Optional(Type.Object({ code: Code })),
    effectiveDate: Type.Optional(LocalDate),
    createdTimestamp: Instant,
  },
  { title: 'Disbursement' },
);
export type DisbursementData = Static<typeof DisbursementData>;

const created: DisbursementData = {
  disbursementId: story.disbursementId,
  requestId: story.disbursementRequestId,
  payeeType: 'insured',
  payeeLocator: story.policyholderLocator,
  policyLocator: story.policyLocator,
  amount: usd(2000),
  method: 'check',
  source: { type: 'unapplied' },
  state: 'validated',
  createdTimestamp: story.createdAt,
};
const executed: DisbursementData = {
  ...created,
  ...{ state: 'executed', reference: '100123', effectiveDate: '2025-01-06' },
};

const request: DisbursementRequestData = {
  requestId: story.disbursementRequestId,
  payeeType: 'insured',
  payeeLocator: story.policyholderLocator,
  policyLocator: story.policyLocator,
  amount: usd(2000),
  source: { type: 'unapplied' },
  method: 'check',
  createdTimestamp: story.createdAt,
};

export const disbursementRequestEvents = define('BILLING', 'billing', {
  'disbursement_request.created': event(
    'Money is to be paid out and set aside for it; payments does it.',
    DisbursementRequestData,
    request,
  ),
  'disbursement_request.returned': event(
    'It was not paid out after all; the money is back where it came from.',
    DisbursementRequestData,
    request,
  ),
});

export const disbursementEvents = define('PAYMENTS', 'payments', {
  'disbursement.created': event('Money is to be paid out, once somebody approves.', DisbursementData, created),
  'disbursement.approved': event('A second person approved it.', DisbursementData, { ...created, state: 'approved' }),
  'disbursement.executed': event(
    'The money is on its way: cheque issued or transfer sent.',
    DisbursementData,
    executed,
  ),
  'disbursement.failed': event('It could not be paid; the money is where it came from.', DisbursementData, {
    ...{ ...created, state: 'failed' },
    failure: { code: 'account_closed' },
  }),
  'disbursement.voided': event('An executed one was stopped; the money goes back to its source.', DisbursementData, {
    ...executed,
    state: 'voided',
  }),
  'disbursement.cleared': event('The bank has paid it.', DisbursementData, { ...executed, state: 'cleared' }),
  'disbursement.stale': event('A cheque that nobody has cashed in time: unclaimed property.', DisbursementData, {
    ...executed,
    state: 'stale',
  }),
});
