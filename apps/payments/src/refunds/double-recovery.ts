import type { RefundCase } from '../domain/refund.ts';
import type { Concern } from '../flags/flags.service.ts';

/**
 * What a person has to know of a refund whose money left although the payment had been taken back, or so much of it
 * that both together are more than there was; null of others.
 */
export function doubleRecovery({ refund, payment }: RefundCase): Concern | null {
  const reason = 'double_recovery';
  const { id, amountMinor, currency } = refund;
  if (payment.state === 'returned' || payment.state === 'reversed') {
    const detail = `Refund ${id} was paid although the payment had been ${payment.state}.`;
    return { reason, amount: { minor: amountMinor, currency }, detail };
  }
  const excess = payment.refundedMinor + payment.lostMinor - payment.amountMinor;
  if (excess <= 0n) return null;
  const minor = excess < amountMinor ? excess : amountMinor;
  return { reason, amount: { minor, currency }, detail: `Refund ${id} was paid although a dispute had taken a part.` };
}
