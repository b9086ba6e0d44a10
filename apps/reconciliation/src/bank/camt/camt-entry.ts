import type { BankLine, References } from '../../domain/bank-statement.ts';
import { referencesOf, traceOf } from '../../domain/line-reference.ts';
import { currencyOf, minorOf, unreadable } from '../reading.ts';
import type { Place } from '../reading.ts';
import { all, deep, find, textAt } from '../xml/element.ts';
import type { Element } from '../xml/element.ts';
import { dateIn } from './camt-statement.ts';

export interface EntryContext {
  placeOf(element: Element): Place;
  /** Of the entry's own line in its statement. */
  readonly nextIndex: number;
  readonly createdOn: string | null;
  warn(warning: string): void;
}

/** How many characters of what a bank says about a line are kept. */
const TEXT_MAX = 4_000;

/**
 * An entry is one line. With several transactions in it, it is a batch booking: the line of the whole, and after it its
 * parts, of which those that name no amount of their own have none to give.
 */
export function linesOfEntry(entry: Element, context: EntryContext): BankLine[] {
  const details = all(entry, 'NtryDtls').flatMap((group) => all(group, 'TxDtls'));
  const whole = wholeLine(entry, details, context);
  const parts = details.flatMap((detail) => partLine(detail, whole, context));
  if (details.length === 1) {
    const [part] = parts;
    // One transaction is the entry itself; where its amount differs, both are shown, and the tie-out says so.
    return part && (part.amount !== whole.amount || part.currency !== whole.currency) ? [whole, part] : [whole];
  }
  if (parts.length < details.length) {
    context.warn(`line ${context.nextIndex + 1} is a batch of ${details.length}, of which not all name an amount`);
    return [whole];
  }
  return [whole, ...parts];
}

function wholeLine(entry: Element, details: readonly Element[], context: EntryContext): BankLine {
  const place = context.placeOf(entry);
  const money = amountOf(find(entry, 'Amt'), place);
  if (!money) throw unreadable(place, 'an entry has no amount');
  const [only] = details.length === 1 ? details : [];
  const status = textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts');
  const text = only ? textsOf(only, textAt(entry, 'AddtlNtryInf')) : textAt(entry, 'AddtlNtryInf');
  return {
    ...{ amount: signOf(entry, place) * money.amount, currency: money.currency },
    ...datesOf(entry, context),
    references: referencesIn(only, entry),
    typeCode: typeCodeOf(entry),
    text: (text ?? '').slice(0, TEXT_MAX),
    reversal: textAt(entry, 'RvslInd') === 'true' || textAt(entry, 'RvslInd') === '1',
    // INFO is neither booked nor announced as such: it counts as little as PDNG.
    pending: status !== null && status !== 'BOOK',
    parent: null,
    ...traceOf(text ?? ''),
  };
}

function partLine(detail: Element, whole: BankLine, context: EntryContext): BankLine[] {
  const place = context.placeOf(detail);
  const element = find(detail, 'Amt') ?? find(detail, 'AmtDtls', 'TxAmt', 'Amt');
  const money = amountOf(element, place);
  if (!money) return [];
  const own = textAt(detail, 'CdtDbtInd');
  const sign = own === null ? (whole.amount < 0n ? -1n : 1n) : signOf(detail, place);
  const text = textsOf(detail, null) ?? '';
  return [
    {
      ...whole,
      ...{ amount: sign * money.amount, currency: money.currency },
      references: referencesIn(detail, undefined),
      text: text.slice(0, TEXT_MAX),
      parent: context.nextIndex,
      ...traceOf(text),
    },
  ];
}

/** CdtDbtInd is the sign, also of a reversal: RvslInd only says that the entry takes another one back. */
function signOf(element: Element, place: Place): bigint {
  const indicator = textAt(element, 'CdtDbtInd');
  if (indicator === 'CRDT') return 1n;
  if (indicator === 'DBIT') return -1n;
  throw unreadable(place, 'an entry is neither credit nor debit');
}

function amountOf(element: Element | undefined, place: Place): { amount: bigint; currency: string } | null {
  if (!element) return null;
  const currency = currencyOf(element.attributes['Ccy'] ?? '', place);
  const amount = minorOf(element.text.trim(), currency, place);
  if (amount < 0n) throw unreadable(place, 'an amount has a sign, which CdtDbtInd has to say');
  return { amount, currency };
}

function datesOf(entry: Element, context: EntryContext) {
  const { createdOn, nextIndex } = context;
  const valueOn = dateIn(entry, 'ValDt', 'Dt|DtTm');
  const booked = dateIn(entry, 'BookgDt', 'Dt|DtTm');
  const bookedOn = booked ?? valueOn ?? createdOn;
  if (bookedOn === null) throw unreadable(context.placeOf(entry), 'nothing says of which day an entry is');
  if (booked === null) context.warn(`line ${nextIndex + 1} names no day of booking: it is taken as of ${bookedOn}`);
  return { bookedOn, valueOn };
}

function referencesIn(detail: Element | undefined, entry: Element | undefined): References {
  const refs = find(detail, 'Refs');
  return referencesOf({
    endToEnd: textAt(refs, 'EndToEndId'),
    creditor: detail ? creditorReference(detail) : null,
    customer: textAt(refs, 'InstrId') ?? textAt(entry, 'NtryRef'),
    check: textAt(refs, 'ChqNb'),
    batch: textAt(refs, 'PmtInfId') ?? textAt(entry, 'NtryDtls', 'Btch', 'PmtInfId'),
    // The entry's own first: that is what a notification and the statement have in common.
    bank: textAt(entry, 'AcctSvcrRef') ?? textAt(refs, 'AcctSvcrRef') ?? textAt(refs, 'UETR'),
  });
}

function creditorReference(detail: Element): string | null {
  return (
    deep(find(detail, 'RmtInf') ?? detail, 'CdtrRefInf')
      .map((info) => textAt(info, 'Ref'))
      .find(Boolean) ?? null
  );
}

/** What the payer wrote, what the bank added, and who the other side is. */
function textsOf(detail: Element, entryText: string | null): string | null {
  const remittance = all(find(detail, 'RmtInf'), 'Ustrd').map(({ text }) => text.trim());
  const added = [textAt(detail, 'AddtlTxInf'), entryText];
  const parties = ['Dbtr', 'Cdtr'].map(
    (side) => textAt(detail, 'RltdPties', side, 'Nm') ?? textAt(detail, 'RltdPties', side, 'Pty', 'Nm'),
  );
  return [...remittance, ...added, ...parties].filter(Boolean).join('\n') || null;
}

function typeCodeOf(entry: Element): string | null {
  const domain = find(entry, 'BkTxCd', 'Domn');
  const family = [textAt(domain, 'Cd'), textAt(domain, 'Fmly', 'Cd'), textAt(domain, 'Fmly', 'SubFmlyCd')];
  return domain ? family.map((code) => code ?? '').join('/') : textAt(entry, 'BkTxCd', 'Prtry', 'Cd');
}
