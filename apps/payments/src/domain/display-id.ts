const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const epochMs = Date.UTC(2025, 0, 1);
const timeBits = 40n;
const randomBits = 35n;

/**
 * The number people read out: `P-` for a payment, `R-` for a receipt, and 15 digits in groups of five, without I, L, O
 * and U. It is the id in short: 40 bits of its milliseconds (good for 34 years) and 35 of its random bits, so that
 * numbers sort by time and no counter row is hot.
 */
export function displayIdOf(id: string, letter: 'P' | 'R' = 'P'): string {
  const hex = id.replaceAll('-', '');
  const sinceEpoch = BigInt.asUintN(Number(timeBits), BigInt(Number.parseInt(hex.slice(0, 12), 16) - epochMs));
  const random = BigInt.asUintN(Number(randomBits), BigInt(`0x${hex.slice(16)}`));
  let rest = (sinceEpoch << randomBits) | random;
  let text = '';
  for (let place = 0; place < 15; place++, rest >>= 5n) text = digits.charAt(Number(rest & 31n)) + text;
  return `${letter}-${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10)}`;
}
