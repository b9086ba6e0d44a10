import { roundHalfUp } from '@quittance/money/split';

/** A part of one in whole millionths: 15 % is 150000n, a hundredth of a basis point is 1n. Never a float. */
export type Rate = bigint;

export const whole: Rate = 1_000_000n;

const decimal = /^(\d)(?:\.(\d{1,6}))?$/;

export function percent(points: number): Rate {
  return BigInt(points) * 10_000n;
}

/** The part rounded once, halves away from zero. */
export function partOf(amountMinor: bigint, rate: Rate): bigint {
  return roundHalfUp(amountMinor * rate, whole);
}

/** Reads '0.15' as a client writes it; null when it is no decimal from 0 to 1 with at most six decimals. */
export function readRate(text: string): Rate | null {
  const [, ones = '', fraction = ''] = decimal.exec(text) ?? [];
  if (ones === '') return null;
  const rate = BigInt(ones + fraction.padEnd(6, '0'));
  return rate > whole ? null : rate;
}

/** The shortest decimal that reads back as the same rate. */
export function formatRate(rate: Rate): string {
  const digits = String(rate).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
}
