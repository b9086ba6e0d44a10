import { currencies, exponentOf } from './currency.ts';

/** Currencies without the usual two decimals, by the number of theirs. */
const unusual = Map.groupBy(
  currencies.filter((code) => exponentOf(code) !== 2),
  exponentOf,
);

/**
 * SQL for what one minor unit of a currency is, as a number with the currency's decimals.
 *
 * @example unitSql('i.currency') // CASE WHEN i.currency IN ('JPY', …) THEN 1 … ELSE 0.01 END
 */
export function unitSql(currency: string): string {
  const cases = [...unusual].map(([exponent, codes]) => {
    const list = codes.map((code) => `'${code}'`).join(', ');
    return `WHEN ${currency} IN (${list}) THEN ${(10 ** -exponent).toFixed(exponent)}`;
  });
  return `CASE ${cases.join(' ')} ELSE 0.01 END`;
}

/**
 * SQL for the JSON text of a {@link WireAmount}: what `toWire` makes, made in the database.
 *
 * @param minor SQL of a bigint
 * @param unit SQL of what `unitSql` says of `currency`
 */
export function wireSql(minor: string, unit: string, currency: string): string {
  const amount = `(${minor} * ${unit})::text`;
  return `'{"amount":"' || ${amount} || '","amountMinor":' || ${minor} || ',"currency":"' || ${currency} || '"}'`;
}
