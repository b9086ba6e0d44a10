import { Type } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

/** Of the term that runs, else of the last; premium only, since fees and taxes pay for no cover. */
export const EquityData = Type.Object(
  {
    policyLocator: Reference,
    policyholderLocator: Reference,
    termNumber: Type.Integer({ minimum: 1 }),
    paidPremium: WireAmount,
    earnedPremium: WireAmount,
    /** Negative: more cover was given than was paid for. */
    equity: WireAmount,
    /** The first day whose cover is not paid for. */
    equityDate: LocalDate,
    /** `equity` in percent of the premium of the term, with two decimals. */
    percent: Type.String({ pattern: '^-?[0-9]+\\.[0-9]{2}$' }),
  },
  { title: 'Equity' },
);

export const equityEvents = define('BILLING', 'billing', {
  'equity.changed': event(
    'What was paid carries the policy to another date: a payment was applied or taken back, or the policy changed.',
    EquityData,
    {
      policyLocator: story.policyLocator,
      policyholderLocator: story.policyholderLocator,
      termNumber: 1,
      paidPremium: usd(2334),
      earnedPremium: usd(307),
      equity: usd(2027),
      equityDate: '2025-01-31',
      percent: '7.24',
    },
  ),
});
