// What the story must come to. A fact that differs ends the story with both values.
import { isDeepStrictEqual } from 'node:util';

/** 308.00 over twelve months: the odd cents first, and each row's tax beside its premium. */
export const expectedRows: readonly (readonly [tax: string, premium: string])[] = [
  ['2.33', '23.34'],
  ['2.34', '23.33'],
  ['2.33', '23.34'],
  ['2.33', '23.34'],
  ['2.34', '23.33'],
  ['2.33', '23.34'],
  ['2.34', '23.33'],
  ['2.33', '23.34'],
  ['2.33', '23.33'],
  ['2.33', '23.33'],
  ['2.34', '23.32'],
  ['2.33', '23.33'],
];

/** 1100 card clearing, 1200 receivable, 2010 unearned premium, 2100 unapplied cash, 2300 taxes payable. */
export const booksAfterFirst = { '1100': '25.67', '1200': '0.00', '2010': '-23.34', '2100': '0.00', '2300': '-2.33' };
export const booksAfterReversal = {
  '1100': '25.67',
  '1200': '25.67',
  '2010': '-46.67',
  '2100': '0.00',
  '2300': '-4.67',
};

export class FactDiffers extends Error {
  override readonly name = 'FactDiffers';

  constructor(what: string, actual: unknown, wanted: unknown) {
    super(`${what} should be ${JSON.stringify(wanted)} and is ${JSON.stringify(actual)}`);
  }
}

let agreed = 0;

export function agree(what: string, actual: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(actual, wanted)) throw new FactDiffers(what, actual, wanted);
  agreed += 1;
}

export const factsAgreed = (): number => agreed;
