import { Type } from '@sinclair/typebox';
import { define, event } from './definition.ts';
import { Currency, LocalDate, Reference, WireAmount } from './schema.ts';
import { story, usd } from './story.ts';

/** Answers `policy.quote_priced`: the same plans and numbers as `POST /schedules/preview` without a plan. */
export const PlanOfferData = Type.Object(
  {
    quoteId: Reference,
    currency: Currency,
    effectiveDate: LocalDate,
    expirationDate: LocalDate,
    /** Every plan that fits, the tenant's own first; none where nothing fits. */
    plans: Type.Array(
      Type.Object({
        plan: Type.String(),
        planVersion: Type.Integer({ minimum: 1 }),
        label: Type.String(),
        instalmentCount: Type.Integer({ minimum: 0 }),
        total: WireAmount,
        firstInstalmentAmount: WireAmount,
      }),
    ),
  },
  { title: 'PlanOffer' },
);

export const planOfferEvents = define('BILLING', 'billing', {
  'plan.offered': event('How a priced quote could be paid.', PlanOfferData, {
    quoteId: story.quoteId,
    currency: 'USD',
    effectiveDate: '2025-01-01',
    expirationDate: '2026-01-01',
    plans: [
      {
        plan: '1year-monthly',
        planVersion: 1,
        label: 'Monthly',
        instalmentCount: 12,
        total: usd(30800),
        firstInstalmentAmount: usd(2567),
      },
    ],
  }),
});
