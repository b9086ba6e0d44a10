import { tieOut } from '../../domain/bank-statement.ts';
import { readOfx } from './read-ofx.ts';
import { readSgml } from './read-sgml.ts';

const transaction = (fields: string) => `<STMTTRN><TRNTYPE>CREDIT${fields}</STMTTRN>`;
const sgml = (transactions: string, currency = 'USD') => `OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS>
  <STMTRS><CURDEF>${currency}<BANKACCTFROM><BANKID>1<ACCTID>4711</BANKACCTFROM>
  <BANKTRANLIST><DTSTART>20260301<DTEND>20260331
  ${transactions}</BANKTRANLIST><LEDGERBAL><BALAMT> <DTASOF>20260331</LEDGERBAL>
  </STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>`;
const read = (text: string) => readOfx(Buffer.from(text))[0]!;
const lineOf = (fields: string) => read(sgml(transaction(fields))).lines[0]!;
const refusal = (text: string) => {
  try {
    return `read: ${readOfx(Buffer.from(text)).length}`;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a transaction', () => {
  it('is read without end tags, and with those of elements that have a value', () => {
    const open = lineOf(
      '<DTPOSTED>20260302120000.000[-5:EST]<TRNAMT>-12.5<FITID>F1<CHECKNUM>319<NAME>Tom &amp; Co<MEMO>x',
    );
    expect(open).toMatchObject({ amount: -1_250n, bookedOn: '2026-03-02', text: 'Tom & Co\nx', typeCode: 'CREDIT' });
    expect(open.references).toMatchObject({ bank: 'F1', check: '319' });
    const closed = '<DTPOSTED>20260302</DTPOSTED><TRNAMT>-12.50</TRNAMT><FITID>F1</FITID><CHECKNUM>319</CHECKNUM>';
    expect(lineOf(`${closed}<NAME>Tom &amp; Co</NAME><MEMO>x</MEMO>`)).toEqual(open);
  });

  it('may have an element without a value that nobody closed', () => {
    const { amount, text } = lineOf('<DTPOSTED>20260302<CHECKNUM>\n<MEMO>\n<TRNAMT>5<FITID>F<NAME>Ada');
    expect([amount, text]).toEqual([500n, 'Ada']);
  });

  it('without its day is shown as of the end, and holds the statement', () => {
    const said = read(sgml(transaction('<TRNAMT>5<FITID>F')));
    expect([said.lines[0]!.bookedOn, tieOut(said).state]).toEqual(['2026-03-31', 'unbalanced']);
  });

  it('of a day that no calendar has is of its last day, with a warning', () => {
    const said = read(sgml(transaction('<DTPOSTED>20260231<TRNAMT>5<FITID>F')));
    expect([said.lines[0]!.bookedOn, said.warnings.length, said.faults]).toEqual(['2026-02-28', 1, []]);
  });

  it.each(['$120', '1,2,3', '', '12.345'])('of the amount %j is refused', (amount) => {
    expect(refusal(sgml(transaction(`<DTPOSTED>20260302<TRNAMT>${amount}<FITID>F`)))).toMatch(/^line \d+/);
  });

  it('may have a comma and a sign', () => {
    expect(lineOf('<DTPOSTED>20260302<TRNAMT>+1,50<FITID>F').amount).toBe(150n);
  });
});

describe('is refused, and says why', () => {
  it.each([
    ['a file that holds nothing', '<OFX></OFX>', 'line 1: no statement is in it'],
    [
      'an answer of a bank that could not',
      '<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>15500<SEVERITY>ERROR</STATUS></SONRS></SIGNONMSGSRSV1></OFX>',
      'line 1: no statement is in it: the bank answered with the error 15500',
    ],
    ['a file that is cut off', sgml('').slice(0, -6), 'line 8: the file ends before its </OFX>'],
    ['a document type', '<OFX><!DOCTYPE x></OFX>', 'line 1: a tag is not as it has to be'],
    ['what is nested too deep', `<OFX>${'<A>'.repeat(50)}</OFX>`, 'line 1: elements are nested too deep'],
    [
      'XML with an entity of its own',
      '<?xml version="1.0"?><!DOCTYPE x><OFX></OFX>',
      'line 1: a document type is declared',
    ],
    ['a currency that is none', sgml('', 'ZZZ'), 'line 5: has a currency that is none of ISO 4217'],
  ])('%s', (_, text, reason) => {
    expect(refusal(text)).toContain(reason);
  });
});

it('aggregates are closed by their own end tags alone', () => {
  const ofx = readSgml('<OFX><A><B>1<C>2</A><D></D><E>3</E></OFX>');
  expect(ofx.children.map(({ name, children }) => [name, children.map((child) => child.name)])).toEqual([
    ['A', ['B', 'C']],
    ['D', []],
    ['E', []],
  ]);
});
