import type Stripe from 'stripe';
import type { DisputeNews, ReturnNews } from './notification.ts';
import { fromStripeAmount } from './stripe-amounts.ts';

/**
 * Stripe tells the return of an ACH debit as a dispute that is lost already, by these reasons. It does not pass on the
 * bank's own code: this is the one that has the same consequence.
 */
const returnCodes: Readonly<Record<string, string>> = {
  insufficient_funds: 'R01',
  incorrect_account_details: 'R03',
  debit_not_authorized: 'R10',
  customer_initiated: 'R08',
  bank_cannot_process: 'R16',
};

export function returnNews(dispute: Stripe.Dispute, at: Date): ReturnNews | null {
  const code = returnCodes[dispute.reason];
  if (code === undefined || dispute.payment_method_details?.card !== undefined) return null;
  const amount = fromStripeAmount(dispute.amount, dispute.currency);
  return { kind: 'returned', scheme: 'ach', chargeRef: chargeRefOf(dispute), code, ...amount, returnedOn: dateOf(at) };
}

const moves: Readonly<Record<string, readonly [DisputeNews['stage'], DisputeNews['state']]>> = {
  warning_needs_response: ['inquiry', 'opened'],
  warning_under_review: ['inquiry', 'challenged'],
  warning_closed: ['inquiry', 'won'],
  needs_response: ['chargeback', 'opened'],
  under_review: ['chargeback', 'challenged'],
  appeal_needs_response: ['pre_arbitration', 'opened'],
  appeal_under_review: ['pre_arbitration', 'challenged'],
  won: ['chargeback', 'won'],
  lost: ['chargeback', 'lost'],
  prevented: ['chargeback', 'won'],
};

export function disputeNews(dispute: Stripe.Dispute, at: Date): DisputeNews | null {
  const move = moves[dispute.status];
  if (move === undefined) return null;
  const [stage, state] = move;
  const dueBy = dispute.evidence_details.due_by;
  const feeMinor = dispute.balance_transactions.reduce((sum, { fee, currency }) => {
    return sum + fromStripeAmount(fee, currency).amountMinor;
  }, 0n);
  return {
    ...{ kind: 'dispute', disputeRef: dispute.id, chargeRef: chargeRefOf(dispute), stage, state, feeMinor },
    ...fromStripeAmount(dispute.amount, dispute.currency),
    reasonCode: dispute.reason,
    evidenceDueAt: dueBy === null ? null : new Date(dueBy * 1_000),
    decidedOn: state === 'won' || state === 'lost' ? dateOf(at) : null,
  };
}

/** Our name of a charge is its intent's. */
function chargeRefOf({ payment_intent: intent, charge }: Stripe.Dispute): string {
  const of = intent ?? charge;
  return typeof of === 'string' ? of : of.id;
}

const dateOf = (instant: Date) => instant.toISOString().slice(0, 10);
