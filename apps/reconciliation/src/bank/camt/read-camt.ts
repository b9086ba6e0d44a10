import type { BankStatement, StatementKind } from '../../domain/bank-statement.ts';
import { unreadable } from '../reading.ts';
import { ElementBuilder } from '../xml/element.ts';
import type { Element } from '../xml/element.ts';
import { lineAt, scanXml } from '../xml/scan-xml.ts';
import { CamtStatement } from './camt-statement.ts';

/** What holds the entries, by the message that it is of: camt.053, camt.052 and camt.054. */
const containers: Readonly<Record<string, StatementKind>> = {
  Stmt: 'statement',
  Rpt: 'interim',
  Ntfctn: 'notification',
};

const HEAD = 'GrpHdr';

const MESSAGE = /<(?:[\w.-]{1,40}:)?(?:BkToCstmrStmt|BkToCstmrAcctRpt|BkToCstmrDbtCdtNtfctn)[\s>]|camt\.05[234]\./;

export const detectsCamt = (head: string): boolean => /^\s*<[?!\w]/.test(head) && MESSAGE.test(head);

/**
 * camt.052, .053 and .054 in any of their versions: what is read of them did not change its name. Namespaces are not
 * looked at, and the message may lie in any envelope.
 * @throws DomainError `file_unreadable`
 */
export function readCamt(bytes: Buffer): BankStatement[] {
  const statements: BankStatement[] = [];
  let current: CamtStatement | undefined;
  const placeOf = (offset: number) => () => lineAt(bytes, offset);
  let page: Element | undefined;
  const builder = new ElementBuilder((name) => name === HEAD || Object.hasOwn(containers, name), {
    begin(name, offset) {
      current = name === HEAD ? undefined : new CamtStatement(containers[name]!, offset, placeOf);
    },
    child(element) {
      if (current) current.add(element);
      else if (element.name === 'MsgPgntn') page = element;
    },
    end() {
      if (current) statements.push(current.finish(page));
    },
  });
  scanXml(bytes, builder);
  if (statements.length === 0) throw unreadable('line 1', 'no statement, report or notification is in it');
  return statements;
}
