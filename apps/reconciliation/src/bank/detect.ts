import type { BankStatement } from '../domain/bank-statement.ts';
import { detectsBai2, readBai2 } from './bai2/read-bai2.ts';
import { detectsCamt, readCamt } from './camt/read-camt.ts';
import { detectsMt940, readMt940 } from './mt940/read-mt940.ts';
import { detectsOfx, readOfx } from './ofx/read-ofx.ts';
import { headOf } from './reading.ts';

export interface BankFormat {
  readonly name: string;
  detects(head: string): boolean;
  read(bytes: Buffer): BankStatement[];
}

/** Most particular first. MT942 comes in as MT940, camt.052 and .054 as camt. */
export const bankFormats = {
  camt: { name: 'camt', detects: detectsCamt, read: readCamt },
  ofx: { name: 'ofx', detects: detectsOfx, read: readOfx },
  bai2: { name: 'bai2', detects: detectsBai2, read: readBai2 },
  mt940: { name: 'mt940', detects: detectsMt940, read: readMt940 },
} as const satisfies Record<string, BankFormat>;

/** The format of a file by its first 4 KiB, or null. */
export function formatOf(bytes: Buffer): BankFormat | null {
  const head = headOf(bytes.subarray(0, 4096));
  return Object.values(bankFormats).find((format) => format.detects(head)) ?? null;
}
