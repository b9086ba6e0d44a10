import type { BankLine } from '../../domain/bank-statement.ts';
import { referencesOf, traceOf } from '../../domain/line-reference.ts';
import { shortDayOf, unreadable, wholeOf } from '../reading.ts';
import { Fields } from './bai2-records.ts';
import type { Bai2Record } from './bai2-records.ts';

/** What a detail adds to the control total: its amount as it stands. */
export interface Detail {
  readonly amount: bigint;
  /** Null for what is no money: a message of the bank. */
  readonly line: BankLine | null;
  readonly warning: string | null;
  readonly fault: string | null;
}

/** Type codes by their hundreds. Loans and messages (700 to 919) move no money of a deposit account. */
export function signOfType(code: string): 1n | -1n | null {
  const type = Number(code);
  if ((type >= 100 && type < 400) || (type >= 920 && type < 960)) return 1n;
  if ((type >= 400 && type < 700) || (type >= 960 && type <= 999)) return -1n;
  return null;
}

/** Corrections and returns by their codes: 252 and 452 are reversals, 255, 266 and 451 are not. */
const REVERSALS = new Set(['252', '452', '261', '263', '264', '481', '557', '558']);

/** 16: type, amount, funds, bank reference, customer reference, text. */
export function detailOf(record: Bai2Record, currency: string, asOf: string): Detail {
  const fields = new Fields(record);
  const { place } = record;
  const typeCode = fields.next();
  if (!/^\d{3}$/.test(typeCode)) throw unreadable(place, 'has a type code that is none');
  const amountText = fields.next();
  const amount = amountText === '' ? 0n : wholeOf(amountText, place);
  const funds = skipFunds(fields);
  const bank = fields.next();
  const customer = fields.next();
  const text = fields.rest();
  const sign = signOfType(typeCode);
  const fault = sign === null && amount !== 0n ? `type ${typeCode} says neither credit nor debit (${place})` : null;
  const line = {
    ...{ amount: (sign ?? 1n) * amount, currency, bookedOn: asOf, valueOn: funds.valueOn },
    references: referencesOf({ ...referencesIn(text), bank, ...customerOrCheck(typeCode, customer) }),
    ...{ typeCode, text: text.slice(0, 4_000), reversal: REVERSALS.has(typeCode), pending: false, parent: null },
    ...traceOf(text),
  };
  return { amount, line: sign === null || amount === 0n ? null : line, warning: funds.warning, fault };
}

const customerOrCheck = (typeCode: string, customer: string) =>
  typeCode === '475' || typeCode === '395' ? { check: customer } : { customer };

/** `EREF: …` lines, as banks that speak ISO 20022 elsewhere put them into the text. */
function referencesIn(text: string): { endToEnd: string | null } {
  return { endToEnd: /^EREF: ?(\S{1,64})/m.exec(text)?.[1] ?? null };
}

/** Funds: Z, 0, 1 and 2 stand alone, V has a date and a time, S three amounts, D a number of pairs. */
export function skipFunds(fields: Fields): { valueOn: string | null; warning: string | null } {
  const type = fields.next().toUpperCase();
  if (type === 'V') {
    const digits = fields.next();
    fields.next();
    const day = shortDayOf(digits);
    const warning =
      day?.isReal === true || digits === '' ? null : `${fields.record.place} has a value date that is none`;
    return { valueOn: day?.date ?? null, warning };
  }
  if (type === 'S') for (let i = 0; i < 3; i++) fields.next();
  if (type === 'D') {
    const count = fields.next();
    if (!/^\d{1,3}$/.test(count)) throw unreadable(fields.record.place, 'distributes funds over no number of days');
    for (let i = 0; i < Number(count) * 2; i++) fields.next();
  }
  return { valueOn: null, warning: null };
}
