import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

export const CommissionData = Type.Object(
  {
    commissionId: Id,
    producerId: Reference,
    policyLocator: Reference,
    termNumber: Type.Integer({ minimum: 1 }),
    agreementId: Id,
    /** Of the basis: '0.15' is 15 %. */
    rate: Type.String({ pattern: '^[01](\\.\\d{1,6})?$' }),
    earn: oneOf('on_issue', 'on_billing', 'on_payment'),
    /** What this entry changes, with its sign: `earned` is negative where premium it was earned on was taken back. */
    amount: WireAmount,
    /** The premium of the term, and the part of it on which commission is earned. */
    basis: WireAmount,
    earnedBasis: WireAmount,
    /** Where the commission is after it; together it is rate × basis. */
    reserved: WireAmount,
    earned: WireAmount,
    paid: WireAmount,
    /** The policy's date on which it was booked: the period of the producer's statement. */
    bookedOn: LocalDate,
    payoutId: Type.Optional(Id),
  },
  { title: 'Commission' },
);
export type CommissionData = Static<typeof CommissionData>;

const reserved: CommissionData = {
  commissionId: story.commissionId,
  producerId: 'PR-7',
  policyLocator: story.policyLocator,
  termNumber: 1,
  agreementId: story.agreementId,
  rate: '0.15',
  earn: 'on_payment',
  amount: usd(4200),
  basis: usd(28000),
  earnedBasis: usd(0),
  reserved: usd(4200),
  earned: usd(0),
  paid: usd(0),
  bookedOn: '2025-01-01',
};
const earned: CommissionData = {
  ...reserved,
  ...{ amount: usd(350), earnedBasis: usd(2334), reserved: usd(3850), earned: usd(350) },
};

export const commissionEvents = define('BILLING', 'billing', {
  'commission.reserved': event('Premium was charged, on which a producer will earn.', CommissionData, reserved),
  'commission.earned': event('A producer earned on premium, or no longer did.', CommissionData, earned),
  'commission.clawed_back': event('Premium was returned: a producer will earn less.', CommissionData, {
    ...reserved,
    ...{ amount: usd(-3049), basis: usd(7671), reserved: usd(1151), bookedOn: '2025-04-11' },
  }),
  'commission.paid': event('What a producer had earned was paid out.', CommissionData, {
    ...earned,
    ...{ earned: usd(0), paid: usd(350), bookedOn: '2025-01-31', payoutId: story.payoutId },
  }),
});
