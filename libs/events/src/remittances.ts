import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, LocalDate, Reference, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

/** What it says of claims and patients is read over the API. */
export const RemittanceData = Type.Object(
  {
    remittanceId: Id,
    fileId: Id,
    /** TRN02 and TRN03: by these the money is found. */
    traceNumber: Reference,
    originator: Type.String({ maxLength: 50 }),
    payerId: Type.Optional(Type.String({ maxLength: 80 })),
    amount: WireAmount,
    paidOn: LocalDate,
    claims: Type.Integer({ minimum: 0 }),
    state: oneOf('received', 'held', 'posted', 'void'),
  },
  { title: 'Remittance' },
);
export type RemittanceData = Static<typeof RemittanceData>;

const received: RemittanceData = {
  remittanceId: story.remittanceId,
  fileId: story.fileId,
  traceNumber: 'E000012345',
  originator: '1512345678',
  payerId: '87726',
  amount: usd(39_205),
  paidOn: '2025-01-03',
  claims: 2,
  state: 'received',
};

export const remittanceEvents = define('RECONCILIATION', 'reconciliation', {
  'remittance.received': event('An 835 of a payer was read.', RemittanceData, received),
  'remittance.posted': event('An 835 is in the books.', RemittanceData, { ...received, state: 'posted' }),
  'remittance.held': event('An 835 does not add up, or a person holds it: nothing of it is booked.', RemittanceData, {
    ...received,
    state: 'held',
  }),
});
