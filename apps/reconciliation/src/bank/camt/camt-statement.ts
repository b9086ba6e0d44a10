import type { BankLine, BankStatement, StatementKind } from '../../domain/bank-statement.ts';
import { currencyOf, dayOf, minorOf, unreadable } from '../reading.ts';
import type { Place } from '../reading.ts';
import { find, textAt } from '../xml/element.ts';
import type { Element } from '../xml/element.ts';
import { linesOfEntry } from './camt-entry.ts';
import type { EntryContext } from './camt-entry.ts';

interface Balance {
  readonly code: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly on: string | null;
}

/** A balance by the first of its codes that is there. */
const OPENING = ['OPBD', 'PRCD'];
const CLOSING = ['CLBD'];

/** One Stmt, Rpt or Ntfctn, fed with its children in the order of the file. */
export class CamtStatement {
  private readonly head = new Map<string, Element>();
  private readonly balances: Balance[] = [];
  private readonly lines: BankLine[] = [];
  private readonly faults: string[] = [];
  private readonly warnings: string[] = [];

  constructor(
    private readonly kind: StatementKind,
    private readonly offset: number,
    private readonly placeOf: (offset: number) => Place,
  ) {}

  add(element: Element): void {
    if (element.name === 'Ntry') this.addEntry(element);
    else if (element.name === 'Bal') this.addBalance(element);
    else this.head.set(element.name, element);
  }

  /** `page`: of the whole message, where it has several. */
  finish(page?: Element): BankStatement {
    const currency = this.currency();
    const to = this.dateOf('FrToDt', 'ToDtTm|ToDt') ?? this.balance(CLOSING)?.on ?? this.lastDay() ?? this.createdOn();
    if (to === null) throw unreadable(this.placeOf(this.offset), 'nothing says of which day it is');
    return {
      kind: this.kind,
      account: this.account(),
      sequence: this.sequence(this.head.get('StmtPgntn') ?? page),
      reference: textAt(this.head.get('Id')),
      from: this.dateOf('FrToDt', 'FrDtTm|FrDt') ?? this.balance(OPENING)?.on ?? null,
      to,
      currency,
      opening: this.amountIn(currency, OPENING),
      closing: this.amountIn(currency, CLOSING),
      lines: this.lines,
      faults: this.faults,
      warnings: this.warnings,
    };
  }

  /** With the page, where the statement is longer than one: each is its own. */
  private sequence(page: Element | undefined): string | null {
    const number = textAt(this.head.get('ElctrncSeqNb')) ?? textAt(this.head.get('LglSeqNb'));
    const isWhole = (textAt(page, 'PgNb') ?? '1') === '1' && textAt(page, 'LastPgInd') !== 'false';
    return number === null || isWhole ? number : `${number}/${textAt(page, 'PgNb')}`;
  }

  private addEntry(element: Element): void {
    const context: EntryContext = {
      placeOf: (at) => this.placeOf(at.offset),
      nextIndex: this.lines.length,
      createdOn: this.createdOn(),
      warn: (warning) => void this.warnings.push(warning),
    };
    this.lines.push(...linesOfEntry(element, context));
  }

  private addBalance(element: Element): void {
    const amount = find(element, 'Amt');
    const code = textAt(element, 'Tp', 'CdOrPrtry', 'Cd');
    if (!amount || code === null) return;
    const place = this.placeOf(element.offset);
    const currency = currencyOf(amount.attributes['Ccy'] ?? '', place);
    const minor = minorOf(amount.text.trim(), currency, place);
    const isDebit = textAt(element, 'CdtDbtInd') === 'DBIT';
    this.balances.push({ code, currency, amount: isDebit ? -minor : minor, on: dateIn(element, 'Dt', 'Dt|DtTm') });
  }

  private balance(codes: readonly string[]): Balance | undefined {
    return codes.map((code) => this.balances.find((balance) => balance.code === code)).find((found) => found);
  }

  private amountIn(currency: string, codes: readonly string[]): bigint | null {
    const found = this.balance(codes);
    if (found && found.currency !== currency)
      this.faults.push(`its balance ${found.code} is in ${found.currency}, the account in ${currency}`);
    return found && found.currency === currency ? found.amount : null;
  }

  private currency(): string {
    const own = textAt(this.head.get('Acct'), 'Ccy');
    const place = this.placeOf(this.offset);
    const found = own ?? (this.balance(OPENING) ?? this.balances[0] ?? this.lines[0])?.currency;
    if (!found) throw unreadable(place, 'nothing says in which currency it is');
    return currencyOf(found, place);
  }

  private account(): BankStatement['account'] {
    const account = this.head.get('Acct');
    const number = textAt(account, 'Id', 'IBAN') ?? textAt(account, 'Id', 'Othr', 'Id');
    if (number === null) throw unreadable(this.placeOf(this.offset), 'nothing says of which account it is');
    return { number: number.replace(/\s+/g, ''), bank: textAt(account, 'Svcr', 'FinInstnId', 'BICFI|BIC') };
  }

  private dateOf(...path: string[]): string | null {
    const [first = '', ...rest] = path;
    return dateIn(this.head.get(first), ...rest);
  }

  private createdOn(): string | null {
    return this.dateOf('CreDtTm');
  }

  private lastDay(): string | null {
    return (
      this.lines
        .map(({ bookedOn }) => bookedOn)
        .toSorted()
        .at(-1) ?? null
    );
  }
}

/** The calendar day of a date or an instant, as the bank's clock wrote it. */
export function dateIn(element: Element | undefined, ...path: string[]): string | null {
  const text = path.length === 0 ? element?.text.trim() : textAt(element, ...path);
  return dayOf((text ?? '').slice(0, 10).replaceAll('-', ''))?.date ?? null;
}
