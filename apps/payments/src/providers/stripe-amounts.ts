import { exponentOf } from '@quittance/money/currency';

/**
 * Where Stripe counts in another unit than ISO 4217 (https://docs.stripe.com/currencies#minor-units): it takes whole
 * ariary, and krónur and Ugandan shillings with two decimals that are always zero.
 */
const stripeExponents: Readonly<Record<string, number>> = { MGA: 0, ISK: 2, UGX: 2 };

/** Currencies with three decimals, of which the last has to be zero. */
const threeDecimals = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** What Stripe calls an amount, or null where it cannot be said exactly: nothing is rounded on the way. */
export function toStripeAmount(amountMinor: bigint, currency: string): number | null {
  const [up, down] = factors(currency);
  const scaled = amountMinor * up;
  if (scaled % down !== 0n) return null;
  const amount = scaled / down;
  if (threeDecimals.has(currency) && amount % 10n !== 0n) return null;
  return amount > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(amount);
}

/** Stripe's krónur and shillings always end in 00, so the way back is exact too. */
export function fromStripeAmount(amount: number, stripeCurrency: string): { amountMinor: bigint; currency: string } {
  const currency = stripeCurrency.toUpperCase();
  const [up, down] = factors(currency);
  return { amountMinor: (BigInt(amount) * down) / up, currency };
}

function factors(currency: string): readonly [up: bigint, down: bigint] {
  const iso = exponentOf(currency);
  const stripe = stripeExponents[currency] ?? iso;
  return [10n ** BigInt(Math.max(0, stripe - iso)), 10n ** BigInt(Math.max(0, iso - stripe))];
}
