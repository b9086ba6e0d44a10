import type { BankLine, BankStatement, StatementKind } from '../../domain/bank-statement.ts';
import { currencyOf, shortDayOf, textOf, unreadable, wholeOf } from '../reading.ts';
import { accountHead } from './bai2-account.ts';
import type { AccountHead } from './bai2-account.ts';
import { detailOf } from './bai2-detail.ts';
import { bai2Records, Fields } from './bai2-records.ts';
import type { Bai2Record } from './bai2-records.ts';

export const detectsBai2 = (head: string): boolean => /^\s*01,[^,\r\n]{0,40},[^,\r\n]{0,40},\d{6},/.test(head);

/** An account between its 03 and its 49. */
interface OpenAccount {
  readonly head: AccountHead;
  readonly lines: BankLine[];
  readonly faults: string[];
  readonly warnings: string[];
  control: bigint;
  records: number;
}

/** A group between its 02 and its 98. */
interface OpenGroup {
  readonly bank: string;
  readonly asOf: string;
  readonly kind: StatementKind;
  readonly currency: string;
  readonly faults: string[];
  readonly statements: BankStatement[];
  control: bigint;
  accounts: number;
  records: number;
}

/**
 * BAI2, versions 2 and 3. Control totals and counts are added up on all three levels; what misses one of them is a
 * fault of every statement below it. A file that ends before its 99 is cut off, and refused.
 * @throws DomainError `file_unreadable` with the line
 */
export function readBai2(bytes: Buffer): BankStatement[] {
  const reader = new Bai2Reader();
  for (const record of bai2Records(textOf(bytes))) reader.take(record);
  return reader.finish();
}

class Bai2Reader {
  private readonly groups: OpenGroup[] = [];
  private group: OpenGroup | undefined;
  private account: OpenAccount | undefined;
  private readonly faults: string[] = [];
  private control = 0n;
  private records = 0;
  private state: 'before' | 'open' | 'over' = 'before';

  take(record: Bai2Record): void {
    const expected = record.code === '01' ? 'before' : 'open';
    if (this.state !== expected) throw unreadable(record.place, 'stands outside of a file of 01 to 99');
    this.records += record.lines.length;
    if (record.code === '01') this.state = 'open';
    else if (record.code === '02') this.openGroup(record);
    else if (record.code === '03') this.openAccount(record);
    else if (record.code === '16') this.detail(record);
    else if (record.code === '49') this.closeAccount(record);
    else if (record.code === '98') this.closeGroup(record);
    else this.closeFile(record);
  }

  finish(): BankStatement[] {
    if (this.state !== 'over') throw unreadable('the end', 'the file is cut off: its trailer 99 is missing');
    const statements = this.groups.flatMap((group) =>
      group.statements.map((one) => ({ ...one, faults: [...one.faults, ...group.faults, ...this.faults] })),
    );
    if (statements.length === 0) throw unreadable('line 1', 'there is no account in it');
    return statements;
  }

  /** 02: receiver, originator, status, as-of date, time, currency, modifier. */
  private openGroup(record: Bai2Record): void {
    if (this.group) throw unreadable(record.place, 'begins a group inside of another');
    const fields = new Fields(record);
    fields.next();
    const [bank, status, digits] = [fields.next(), fields.next(), fields.next()];
    fields.next();
    const currency = currencyOf(fields.next().toUpperCase() || 'USD', record.place);
    const modifier = fields.next();
    const day = shortDayOf(digits);
    if (!day) throw unreadable(record.place, 'has an as-of date that is none');
    const faults = status === '2' || status === '4' ? ['the bank marked the group as deleted or as a test'] : [];
    // 1 and 3 are interim, 2 and 4 final; most banks say nothing and mean final.
    const kind = modifier === '1' || modifier === '3' ? 'interim' : 'statement';
    const open = { statements: [], control: 0n, accounts: 0, records: record.lines.length };
    this.group = { bank, asOf: day.date, kind, currency, faults, ...open };
  }

  private openAccount(record: Bai2Record): void {
    if (!this.group || this.account) throw unreadable(record.place, 'begins an account in no group, or in another');
    const head = accountHead(record, this.group.currency);
    const open = { lines: [], faults: [], warnings: [], control: head.control };
    this.account = { head, ...open, records: record.lines.length };
  }

  private detail(record: Bai2Record): void {
    const { account, group } = this;
    if (!account || !group) throw unreadable(record.place, 'is a detail of no account');
    const { amount, line, warning, fault } = detailOf(record, account.head.currency, group.asOf);
    account.control += amount;
    account.records += record.lines.length;
    if (line) account.lines.push(line);
    if (warning) account.warnings.push(warning);
    if (fault) account.faults.push(fault);
  }

  /** 49: control total, number of records. */
  private closeAccount(record: Bai2Record): void {
    const { account, group } = this;
    if (!account || !group) throw unreadable(record.place, 'ends an account that is not open');
    account.records += record.lines.length;
    const [control, records] = trailer(record, 2);
    account.faults.push(...differences('49', { control, records }, account));
    account.warnings.push(...summaryWarnings(account));
    group.statements.push(statementOf(account, group));
    group.control += control!;
    group.accounts++;
    group.records += account.records;
    this.account = undefined;
  }

  /** 98: control total, number of accounts, number of records. */
  private closeGroup(record: Bai2Record): void {
    const { group } = this;
    if (!group || this.account) throw unreadable(record.place, 'ends a group that is not open, or inside an account');
    group.records += record.lines.length;
    const [control, accounts, records] = trailer(record, 3);
    group.faults.push(...differences('98', { control, accounts, records }, group));
    this.control += control!;
    this.groups.push(group);
    this.group = undefined;
  }

  /** 99: control total, number of groups, number of records. */
  private closeFile(record: Bai2Record): void {
    if (this.group) throw unreadable(record.place, 'ends the file inside a group');
    const [control, groups, records] = trailer(record, 3);
    const found = { control: this.control, groups: this.groups.length, records: this.records };
    this.faults.push(...differences('99', { control, groups, records }, found));
    this.state = 'over';
  }
}

function trailer(record: Bai2Record, count: number): bigint[] {
  const fields = new Fields(record);
  return Array.from({ length: count }, () => wholeOf(fields.next(), record.place));
}

/** What a trailer says beside what is there. */
function differences(code: string, said: Record<string, bigint | undefined>, found: object): string[] {
  const counted = found as Record<string, bigint | number>;
  return Object.entries(said)
    .filter(([name, value]) => value !== BigInt(counted[name] ?? 0))
    .map(([name, value]) => `trailer ${code} says ${name} ${value}, there is ${counted[name]}`);
}

/** Banks round, group or leave out details, so the totals of 03 are no proof against them. */
function summaryWarnings({ head, lines }: OpenAccount): string[] {
  if (lines.length === 0) return [];
  const sumOf = (sign: bigint) =>
    lines.reduce((sum, { amount }) => (amount * sign > 0n ? sum + amount * sign : sum), 0n);
  return [
    ...(head.credits === null || head.credits === sumOf(1n) ? [] : ['its details are not its total credits (100)']),
    ...(head.debits === null || head.debits === sumOf(-1n) ? [] : ['its details are not its total debits (400)']),
  ];
}

function statementOf({ head, lines, faults, warnings }: OpenAccount, group: OpenGroup): BankStatement {
  const { number, currency, opening, closing } = head;
  const day = { from: group.asOf, to: group.asOf };
  const account = { number, bank: group.bank || null };
  return {
    kind: group.kind,
    account,
    sequence: null,
    reference: null,
    ...day,
    currency,
    opening,
    closing,
    lines,
    faults,
    warnings,
  };
}
