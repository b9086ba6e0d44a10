import fc from 'fast-check';
import { currencies } from '@quittance/money/currency';
import { fromStripeAmount, toStripeAmount } from './stripe-amounts.ts';

it.each([
  ['25.67 US dollars are cents', 2567n, 'USD', 2567],
  ['500 yen are yen', 500n, 'JPY', 500],
  ['5 krónur have two decimals there', 5n, 'ISK', 500],
  ['5 Ugandan shillings too', 5n, 'UGX', 500],
  ['5.00 ariary are counted whole', 500n, 'MGA', 5],
  ['5.120 dinars end in zero', 5120n, 'KWD', 5120],
  ['the largest amount that JSON can say', 9_007_199_254_740_991n, 'USD', 9_007_199_254_740_991],
])('%s', (_what, minor, currency, amount) => {
  expect(toStripeAmount(minor, currency)).toBe(amount);
  expect(fromStripeAmount(amount, currency.toLowerCase())).toEqual({ amountMinor: minor, currency });
});

it.each([
  ['5.124 dinars would have to be rounded', 5124n, 'KWD'],
  ['5.50 ariary would have to be rounded', 550n, 'MGA'],
  ['one more than JSON can say exactly', 9_007_199_254_740_992n, 'USD'],
  ['krónur that are too many once they have decimals', 90_071_992_547_410n, 'ISK'],
])('refuses: %s', (_what, minor, currency) => {
  expect(toStripeAmount(minor, currency)).toBeNull();
});

it('says every amount exactly or not at all', () => {
  const amounts = fc.bigInt({ min: 1n, max: 9_007_199_254_740_991n });
  fc.assert(
    fc.property(fc.constantFrom(...currencies), amounts, (currency, amountMinor) => {
      const amount = toStripeAmount(amountMinor, currency);
      if (amount !== null) expect(fromStripeAmount(amount, currency)).toEqual({ amountMinor, currency });
    }),
  );
});
