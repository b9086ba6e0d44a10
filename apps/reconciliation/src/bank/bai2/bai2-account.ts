import { currencyOf, unreadable, wholeOf } from '../reading.ts';
import { skipFunds } from './bai2-detail.ts';
import { Fields } from './bai2-records.ts';
import type { Bai2Record } from './bai2-records.ts';

/** 03: what the bank says of an account in total. */
export interface AccountHead {
  readonly number: string;
  readonly currency: string;
  readonly opening: bigint | null;
  readonly closing: bigint | null;
  /** Total credits and debits, where they are said. */
  readonly credits: bigint | null;
  readonly debits: bigint | null;
  /** Of every amount in it: what goes into the control total. */
  readonly control: bigint;
}

/** Ledger balances: those of available or collected funds do not add up with the lines. */
const OPENING_LEDGER = '010';
const CLOSING_LEDGER = '015';
const TOTAL_CREDITS = '100';
const TOTAL_DEBITS = '400';

export function accountHead(record: Bai2Record, groupCurrency: string): AccountHead {
  const fields = new Fields(record);
  const number = fields.next().replace(/\s+/g, '');
  if (number === '') throw unreadable(record.place, 'has no account number');
  const currency = currencyOf(fields.next().toUpperCase() || groupCurrency, record.place);
  const amounts = new Map<string, bigint>();
  let control = 0n;
  while (!fields.isOver) {
    const code = fields.next();
    const text = fields.next();
    fields.next();
    skipFunds(fields);
    if (text === '') continue;
    const amount = wholeOf(text, record.place);
    control += amount;
    if (!amounts.has(code)) amounts.set(code, amount);
  }
  const said = (code: string) => amounts.get(code) ?? null;
  return {
    ...{ number, currency, control },
    ...{ opening: said(OPENING_LEDGER), closing: said(CLOSING_LEDGER) },
    ...{ credits: said(TOTAL_CREDITS), debits: said(TOTAL_DEBITS) },
  };
}
