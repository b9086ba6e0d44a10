import type { BankLine, BankStatement } from '../../domain/bank-statement.ts';
import { referencesOf, traceOf } from '../../domain/line-reference.ts';
import { currencyOf, dayOf, minorOf, textOf, unreadable } from '../reading.ts';
import type { Day } from '../reading.ts';
import { all, deep, ElementBuilder, find, textAt } from '../xml/element.ts';
import type { Element } from '../xml/element.ts';
import { lineAt, scanXml } from '../xml/scan-xml.ts';
import { readSgml } from './read-sgml.ts';

export const detectsOfx = (head: string): boolean =>
  /^\s*(?:OFXHEADER:|<OFX>|<\?OFX|<\?xml[^>]{0,200}>\s*<(?:\?OFX|OFX>))/i.test(head);

/**
 * OFX 1.x, which is SGML, and 2.x, which is XML. Banks use a FITID again, so it is a reference among others and no
 * identity.
 * @throws DomainError `file_unreadable` with the line
 */
export function readOfx(bytes: Buffer): BankStatement[] {
  const isXml = /^\s*<\?(xml|OFX)/i.test(bytes.toString('latin1', 0, 64).replace(/^\xEF\xBB\xBF/, ''));
  const ofx = isXml ? xmlRoot(bytes) : readSgml(textOf(bytes));
  const statements = ['STMTRS', 'CCSTMTRS'].flatMap((name) => deep(ofx, name));
  if (statements.length === 0) throw unreadable('line 1', noStatement(ofx));
  return statements.map((element) => statementOf(element, () => lineAt(bytes, element.offset)));
}

function xmlRoot(bytes: Buffer): Element {
  const root: Element = { name: 'OFX', attributes: {}, children: [], text: '', offset: 0 };
  const on = {
    begin: () => undefined,
    child: (child: Element) => void root.children.push(child),
    end: () => undefined,
  };
  scanXml(bytes, new ElementBuilder((name) => name === 'OFX', on));
  return root;
}

/** A bank that could not answer says why by a number. */
function noStatement(ofx: Element): string {
  const codes = deep(ofx, 'STATUS').map((status) => textAt(status, 'CODE'));
  const code = codes.find((each) => each !== null && /^\d{2,6}$/.test(each) && Number(each) !== 0);
  return code ? `no statement is in it: the bank answered with the error ${code}` : 'no statement is in it';
}

function statementOf(element: Element, place: () => string): BankStatement {
  const account = find(element, 'BANKACCTFROM|CCACCTFROM');
  const number = textAt(account, 'ACCTID');
  if (number === null) throw unreadable(place, 'a statement names no account');
  const currency = currencyOf(textAt(element, 'CURDEF') ?? '', place);
  const list = find(element, 'BANKTRANLIST');
  const ledger = find(element, 'LEDGERBAL');
  const asOf = dateIn(ledger, 'DTASOF');
  const transactions = all(list, 'STMTTRN');
  const lastDay = transactions
    .map((one) => dateIn(one, 'DTPOSTED')?.date ?? '')
    .toSorted()
    .at(-1);
  const to = dateIn(list, 'DTEND')?.date ?? asOf?.date ?? lastDay;
  if (!to) throw unreadable(place, 'nothing says of which day a statement is');
  const [faults, warnings]: [string[], string[]] = [[], []];
  const lines = transactions.map((one, index) => lineOf(one, { currency, to, n: index + 1, place, faults, warnings }));
  const balance = textAt(ledger, 'BALAMT');
  return {
    kind: 'statement',
    account: { number: number.replace(/\s+/g, ''), bank: textAt(account, 'BANKID') },
    ...{ sequence: null, reference: null, from: dateIn(list, 'DTSTART')?.date ?? null, to, currency },
    // The balance is of now, not of the end of the period, where the two differ: then it proves nothing.
    closing: balance !== null && asOf?.date === to ? minorOf(balance, currency, place) : null,
    ...{ opening: null, lines, faults, warnings },
  };
}

interface LineContext {
  readonly currency: string;
  readonly to: string;
  readonly n: number;
  readonly place: () => string;
  readonly faults: string[];
  readonly warnings: string[];
}

function lineOf(element: Element, { currency, to, n, place, faults, warnings }: LineContext): BankLine {
  const amount = textAt(element, 'TRNAMT');
  if (amount === null) throw unreadable(place, `transaction ${n} has no amount`);
  const posted = dateIn(element, 'DTPOSTED');
  if (!posted) faults.push(`transaction ${n} says no day on which it was posted: it is shown as of ${to}`);
  else if (!posted.isReal)
    warnings.push(`transaction ${n} has a date that no calendar has: the month's last day is taken`);
  const text = ['NAME', 'MEMO'].map((name) => textAt(element, name) ?? textAt(element, 'PAYEE', name));
  const words = [...new Set(text.filter((each) => each !== null))].join('\n');
  return {
    ...{ amount: minorOf(amount, currency, () => `${place()}, transaction ${n}`), currency },
    ...{ bookedOn: posted?.date ?? to, valueOn: dateIn(element, 'DTAVAIL')?.date ?? null },
    references: referencesOf({
      bank: textAt(element, 'FITID'),
      customer: textAt(element, 'REFNUM'),
      check: textAt(element, 'CHECKNUM'),
    }),
    typeCode: textAt(element, 'TRNTYPE'),
    text: words.slice(0, 4_000),
    // A correction deletes or replaces an earlier transaction, by its FITID.
    reversal: textAt(element, 'CORRECTFITID') !== null,
    ...{ pending: false, parent: null },
    ...traceOf(words),
  };
}

/** `20090401122017.000[-5:EST]`: the day as the bank's clock wrote it. */
function dateIn(element: Element | undefined, name: string): Day | null {
  return dayOf((textAt(element, name) ?? '').slice(0, 8));
}
