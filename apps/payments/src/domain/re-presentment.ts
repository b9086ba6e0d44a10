import { daysBetween } from './calendar.ts';
import type { Failure } from './outcome.ts';
import type { Payment } from './payment.ts';
import { returnRule } from './return-code.ts';

const representmentsMax = 2;
const representWithinDays = 180;
const correctWithinDays = 60;

const refusal = (code: string): Failure => ({
  ...{ code, category: 'hard', retryable: false, recommendedAction: 'update_payment_method' },
});

/** A chain of entries has been presented as often, or for as long, as the scheme allows. */
export const rePresentmentExhausted = refusal('re_presentment_exhausted');
/** The bank's reason rules out asking the same account again. */
export const rePresentmentRefused = refusal('re_presentment_refused');

/**
 * Whether a bank account may be asked once more for what it has sent back: null, or why not. `earlier` are the payments
 * of one source, oldest first; another account is no re-presentment, it starts anew.
 */
export function refuseRePresentment(
  earlier: readonly Payment[],
  paymentMethodId: string,
  today: string,
): Failure | null {
  const entries = earlier.filter(
    (payment) => payment.paymentMethodId === paymentMethodId && payment.returned?.scheme === 'ach',
  );
  const [original, last] = [entries[0], entries.at(-1)];
  if (!original?.effectiveOn || !last?.returned) return null;
  switch (returnRule(last.returned).consequence) {
    case 'represent': {
      const isOver = entries.length > representmentsMax;
      return isOver || daysBetween(original.effectiveOn, today) > representWithinDays ? rePresentmentExhausted : null;
    }
    case 'correct':
      return daysBetween(last.returned.returnedOn, today) > correctWithinDays ? rePresentmentExhausted : null;
    case 'new_details':
    case 'revoke':
    case 'none':
      return rePresentmentRefused;
  }
}
