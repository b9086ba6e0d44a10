import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Id, LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

/** The lines are read over the API. */
export const StatementData = Type.Object(
  {
    statementLocator: Id,
    displayId: Type.String(),
    policyholderLocator: Reference,
    /** Half-open: the next statement starts where this one ends, and opens with what this one closes with. */
    periodStart: LocalDate,
    periodEnd: LocalDate,
    opening: WireAmount,
    charges: WireAmount,
    fees: WireAmount,
    payments: WireAmount,
    credits: WireAmount,
    refunds: WireAmount,
    returnedPayments: WireAmount,
    returnPremium: WireAmount,
    closing: WireAmount,
    /** The first date on which something of it is due. */
    dueOn: Type.Optional(LocalDate),
    /** The statement of the same period that this one corrects. */
    supersedes: Type.Optional(Id),
  },
  { title: 'Statement' },
);
export type StatementData = Static<typeof StatementData>;

export const statementEvents = define('BILLING', 'billing', {
  'statement.issued': event('What a policyholder was billed and paid in a period, and what is owed.', StatementData, {
    statementLocator: story.statementLocator,
    displayId: 'S-000001',
    policyholderLocator: story.policyholderLocator,
    periodStart: '2025-01-01',
    periodEnd: '2025-02-01',
    opening: usd(10_000),
    charges: usd(2567),
    fees: usd(2500),
    payments: usd(10_000),
    credits: usd(0),
    refunds: usd(0),
    returnedPayments: usd(0),
    returnPremium: usd(0),
    closing: usd(5067),
    dueOn: '2025-01-01',
  }),
});
