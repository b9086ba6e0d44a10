/** A limit of the configuration in hundredths of a unit; `500.00` and `500` are the same. */
export function hundredths(text: string): bigint {
  const [units = '0', cents = '00'] = text.split('.');
  return BigInt(units) * 100n + BigInt(cents);
}
