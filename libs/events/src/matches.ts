import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Code, Id, WireAmount, oneOf } from './schema.ts';
import { story, usd } from './story.ts';

/** Two sides that are about the same money. Of very many sides the first hundred are said; `sides` counts them. */
export const MatchData = Type.Object(
  {
    matchId: Id,
    /** What is matched with what, such as payouts with deposits. */
    set: Code,
    /** The pass of a run that found it, or `manual`. */
    rule: Code,
    score: Type.Integer({ minimum: 0, maximum: 110 }),
    /** What side A comes to. */
    amount: WireAmount,
    /** By how much side A is more; absent when both come to the same. */
    difference: Type.Optional(WireAmount),
    differenceReason: Type.Optional(oneOf('fee', 'bank_charge', 'rounding')),
    sides: Type.Integer({ minimum: 2 }),
    items: Type.Array(
      Type.Object({
        side: oneOf('A', 'B'),
        source: Type.Object({ type: Code, id: Type.String({ minLength: 1 }) }),
        amount: WireAmount,
      }),
      { minItems: 2, maxItems: 100 },
    ),
  },
  { title: 'Match' },
);
export type MatchData = Static<typeof MatchData>;

const confirmed: MatchData = {
  matchId: story.matchId,
  set: 'settlement_batch_deposit',
  rule: 'reference',
  score: 100,
  amount: usd(2472),
  sides: 2,
  items: [
    { side: 'A', source: { type: 'settlement_batch', id: story.settlementBatchId }, amount: usd(2472) },
    { side: 'B', source: { type: 'bank_line', id: story.depositId }, amount: usd(2472) },
  ],
};

export const matchEvents = define('RECONCILIATION', 'reconciliation', {
  'match.confirmed': event('Two sides were found to be the same money.', MatchData, confirmed),
  'match.forced': event('A person matched two sides that do not come to the same.', MatchData, {
    ...confirmed,
    rule: 'manual',
    score: 0,
    amount: usd(2500),
    difference: usd(28),
    differenceReason: 'bank_charge',
  }),
  'match.reverted': event('A match was taken back: both sides are open again.', MatchData, confirmed),
});
