// How money moves between a processor, the way to the bank, and the bank.
import { negate } from '@quittance/money/money';
import type { Money } from '@quittance/money/money';
import type { JournalLine } from './entry.ts';
import { line, notZero } from './lines.ts';
import type { CategorySum } from './payout.ts';

const clearing = (isAch: boolean) => (isAch ? 'clearing_ach' : 'clearing_card');

/**
 * Dr 5110, Cr where the payments came in. A dispute's fee is left out: the dispute itself has booked it as 5125, and
 * taking it twice would leave the clearing account short.
 */
export function processorFees(sums: readonly CategorySum[], currency: string): JournalLine[] {
  return sums.flatMap(({ category, isAch, gross, fee }) => {
    const minor = category === 'fee' ? fee - gross : category === 'dispute' ? 0n : fee;
    return minor === 0n ? [] : moved('processor_fees', clearing(isAch), { minor, currency });
  });
}

/** Dr 1150, Cr where the payments came in: the clearing account of a payout is then empty. */
export function payoutCreated(sums: readonly CategorySum[], net: Money): JournalLine[] {
  const ach = sums.filter(({ isAch }) => isAch).reduce((sum, each) => sum + each.net, 0n);
  const { currency } = net;
  return notZero([
    line('payouts_in_transit', net, {}),
    line('clearing_card', { minor: ach - net.minor, currency }, {}),
    line('clearing_ach', { minor: -ach, currency }, {}),
  ]);
}

/** A payout is seen at the bank: Dr 1020, Cr 1150. */
export function payoutDeposited(net: Money): JournalLine[] {
  return moved('premium_trust_bank', 'payouts_in_transit', net);
}

/** A batch of ACH entries is seen at the bank: Dr 1020, Cr 1110; of returns, which are negative, the other way. */
export function achDeposited(net: Money): JournalLine[] {
  return moved('premium_trust_bank', 'clearing_ach', net);
}

function moved(to: Parameters<typeof line>[0], from: Parameters<typeof line>[0], amount: Money): JournalLine[] {
  return [line(to, amount, {}), line(from, negate(amount), {})];
}
