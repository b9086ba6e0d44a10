import { MoneyError } from './money-error.ts';

/**
 * The active ISO 4217 codes that have a minor unit, by the number of its decimals. Codes without one (gold, silver,
 * the SDR, testing and "no currency") are left out: nothing can be billed in them.
 */
const codesByExponent: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
      CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
      IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
      MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
      SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG
      YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const exponents: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByExponent).flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(exponent)]),
  ),
);

/** Every code {@link isCurrency} knows, in no promised order. */
export const currencies: readonly string[] = [...exponents.keys()];

/**
 * Whether `code` is an active ISO 4217 code with a minor unit. Codes are upper case; `usd` is not one.
 *
 * @example isCurrency('KWD') // true
 */
export function isCurrency(code: string): boolean {
  return exponents.has(code);
}

/**
 * How many decimals a currency has.
 *
 * @throws MoneyError `unknown_currency`
 * @example exponentOf('JPY') // 0
 */
export function exponentOf(code: string): number {
  const exponent = exponents.get(code);
  if (exponent === undefined)
    throw new MoneyError('unknown_currency', `'${code.slice(0, 12)}' is no ISO 4217 currency`);
  return exponent;
}
