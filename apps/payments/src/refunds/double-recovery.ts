import type { RefundCase } from '../domain/refund.ts';
import type { Concern } from '../flags/flags.service.ts';

/** What a person has to know of a refund whose money left although the payment had been taken back; null of others. */
export function doubleRecovery({ refund, payment }: RefundCase): Concern | null {
  if (payment.state !== 'returned' && payment.state !== 'reversed') return null;
  return {
    reason: 'double_recovery',
    amount: { minor: refund.amountMinor, currency: refund.currency },
    detail: `Refund ${refund.id} was paid although the payment had been ${payment.state}.`,
  };
}
